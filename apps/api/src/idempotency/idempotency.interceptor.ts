import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import { catchError, mergeMap, of, type Observable } from 'rxjs';
import { EncryptionEnv, integrationKeys } from '@flowmate/config';
import { derivedKey, seal, unsealWithAny } from '@flowmate/crypto';
import { IdempotencyKeyRepository, type NamedRequest } from '@flowmate/database';
import { DomainError, type Principal } from '@flowmate/domain';
import { Logger } from '@flowmate/observability';
import type { HttpReply, HttpRequest } from '../http/http.types.js';
import { IdempotencyInProgressError, IdempotencyKeyReusedError } from './idempotency.errors.js';
import { namedRequest } from './named-request.js';

const PURPOSE = 'idempotent answers';
const NOT_THE_CALLERS = new Set<DomainError['kind']>(['unavailable', 'upstream']);

interface Named extends NamedRequest {
  readonly principal: Principal;
  readonly begunAt: Date;
}

/**
 * Does a named request once and answers it the same way again. Who fails by his own doing may mend the request and use
 * the key again; where nobody knows what became of it, the key is not free before a minute has passed.
 */
@Injectable()
export class IdempotencyInterceptor implements NestInterceptor {
  private readonly sealing: Buffer;
  private readonly opening: readonly Buffer[];

  constructor(
    private readonly keys: IdempotencyKeyRepository,
    private readonly logger: Logger,
    encryption: EncryptionEnv,
  ) {
    const { current, previous } = integrationKeys(encryption);
    this.sealing = derivedKey(current, PURPOSE);
    this.opening = [this.sealing, ...previous.map((key) => derivedKey(key, PURPOSE))];
  }

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const http = context.switchToHttp();
    const request = http.getRequest<HttpRequest>();
    const { principal } = request.state ?? {};
    const named = principal && namedRequest(request, principal);
    if (!named) return next.handle();
    const start = await this.keys.begin(principal, named, new Date());
    switch (start.state) {
      case 'running':
        throw new IdempotencyInProgressError();
      case 'reused':
        throw new IdempotencyKeyReusedError();
      case 'done':
        http.getResponse<HttpReply>().header('idempotent-replayed', 'true');
        return of(JSON.parse(unsealWithAny(this.opening, start.answer, named.key)) as unknown);
      case 'begun':
        return this.once(next, { ...named, principal, begunAt: start.at });
    }
  }

  private once(next: CallHandler, named: Named): Observable<unknown> {
    return next.handle().pipe(
      mergeMap(async (answer: unknown) => {
        await this.keep(named, answer);
        return answer;
      }),
      catchError(async (error: unknown) => {
        const isCallers = error instanceof DomainError && !NOT_THE_CALLERS.has(error.kind);
        if (isCallers) await this.keys.release(named.principal, named.key, named.begunAt);
        throw error;
      }),
    );
  }

  /** What was done is answered in any case: that it cannot be answered again is no reason to hide it. */
  private async keep({ principal, key, begunAt }: Named, answer: unknown): Promise<void> {
    try {
      await this.keys.finish(principal, key, begunAt, seal(this.sealing, JSON.stringify(answer), key));
    } catch (error) {
      this.logger.error('the answer to a named request could not be kept', error);
    }
  }
}
