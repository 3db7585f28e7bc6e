import { applyDecorators, createParamDecorator, UseInterceptors, type ExecutionContext } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import type { NamedRequest } from '@flowmate/database';
import type { DomainError } from '@flowmate/domain';
import { callerOf } from '../auth/access.decorator.js';
import type { HttpReply, HttpRequest } from '../http/http.types.js';
import {
  IdempotencyInProgressError,
  IdempotencyKeyInvalidError,
  IdempotencyKeyReusedError,
} from './idempotency.errors.js';
import { IdempotencyInterceptor } from './idempotency.interceptor.js';
import { namedRequest } from './named-request.js';

const REPLAYED = 'idempotent-replayed';

/** For operations whose document holds the key: {@link RequestName} hands it to them. */
export const TakesIdempotencyKey = (): MethodDecorator =>
  ApiHeader({
    name: 'Idempotency-Key',
    required: false,
    description: 'Sent again with the same key and body, a request is done once and answered as it was.',
    schema: { type: 'string', minLength: 1, maxLength: 255, example: '0b0f3f0e-4b5c-4c3d-9a53-0d5d7f3a1c11' },
  }) as MethodDecorator;

/** For all others: the answer is kept for a day, and given again. */
export const Idempotent = (): MethodDecorator =>
  applyDecorators(TakesIdempotencyKey(), UseInterceptors(IdempotencyInterceptor));

/** What a named request may be refused with. */
export const IDEMPOTENCY_ERRORS: readonly DomainError[] = [
  new IdempotencyKeyInvalidError(),
  new IdempotencyKeyReusedError(),
  new IdempotencyInProgressError(),
];

/** What the caller calls his request; `undefined` when he does not care. */
export const RequestName = createParamDecorator((_: unknown, context: ExecutionContext): NamedRequest | undefined => {
  const request = context.switchToHttp().getRequest<HttpRequest>();
  return namedRequest(request, callerOf(request));
});

/** Tells the caller that nothing was done just now. */
export function markReplayed(reply: HttpReply): void {
  reply.header(REPLAYED, 'true');
}
