import { Injectable, ValidationPipe, type ArgumentMetadata, type ValidationError } from '@nestjs/common';
import { InvalidInputError, type InputIssue } from '@flowmate/domain';
import { decodeJson, isPrintableKey, join, refuseForbiddenKey } from './json-body.js';
import { JsonMalformedError } from './http.errors.js';
import { mayBeEmpty } from './may-be-empty.js';

/** Enough to mend a form in one go; a body full of unknown keys gets no essay back. */
const MAX_ISSUES = 50;

function issuesOf(errors: readonly ValidationError[], parent: string): InputIssue[] {
  return errors.flatMap((error) => {
    const unknown = error.constraints?.['whitelistValidation'] !== undefined;
    if (unknown) {
      const path = isPrintableKey(error.property) ? join(parent, error.property) : parent;
      return [{ path, rule: 'unrecognized_keys', message: 'is not a field of this operation' }];
    }
    const path = join(parent, error.property);
    const own = Object.entries(error.constraints ?? {}).map(([rule, message]) => ({
      path,
      rule,
      message: message.replace(`${error.property} `, ''),
    }));
    return [...own, ...issuesOf(error.children ?? [], path)];
  });
}

/**
 * Everything that enters passes here, after the guards: a body's bytes are decoded and checked against
 * the DTO class, query and path parameters against theirs. Only the checked value reaches a handler.
 */
@Injectable()
export class InputPipe extends ValidationPipe {
  constructor() {
    super({
      whitelist: true,
      forbidNonWhitelisted: true,
      transform: true,
      validationError: { target: false, value: false },
      exceptionFactory: (errors) => new InvalidInputError(issuesOf(errors, '').slice(0, MAX_ISSUES)),
    });
  }

  override async transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    if (metadata.type === 'custom') return value;
    const input = metadata.type === 'body' ? this.decode(value, metadata) : value;
    if (metadata.type === 'query') for (const key of Object.keys(input ?? {})) refuseForbiddenKey(key, '');
    if (metadata.type === 'body' && (typeof input !== 'object' || input === null || Array.isArray(input))) {
      throw new InvalidInputError([{ path: '', rule: 'isObject', message: 'must be an object' }]);
    }
    return super.transform(input, metadata);
  }

  private decode(value: unknown, { metatype }: ArgumentMetadata): unknown {
    const isEmpty = value === undefined || (value instanceof Uint8Array && value.length === 0);
    if (isEmpty && mayBeEmpty(metatype)) return {};
    // Content type parsers leave the bytes as they came; no bytes are no JSON.
    if (!(value instanceof Uint8Array)) throw new JsonMalformedError();
    return decodeJson(value);
  }
}
