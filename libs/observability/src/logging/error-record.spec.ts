import { createContext, runInContext } from 'node:vm';
import { DomainError } from '@flowmate/domain';
import { verifies } from '@flowmate/testing';
import { errorRecord } from './error-record.js';
import { FieldCleaner } from './log-fields.js';

class StoreDownError extends DomainError {
  readonly kind = 'unavailable';
  readonly code = 'store_unavailable';
}

const record = (thrown: unknown) => errorRecord(thrown, new FieldCleaner('salt'));
const told = (thrown: unknown): string => JSON.stringify(record(thrown));

describe(verifies('R23', 'K03', 'error records'), () => {
  it('tell name, message, code, kind and frames of a foreseen failure', () => {
    const error = new StoreDownError('The store cannot be reached.', { host: 'db', attempt: 3, command: 'find' });
    expect(record(error)).toMatchObject({
      name: 'StoreDownError',
      message: 'The store cannot be reached.',
      code: 'store_unavailable',
      kind: 'unavailable',
      details: { host: 'db', attempt: 3, fieldsLeftOut: 1 },
      stack: expect.stringMatching(/^at .+error-record\.spec\.ts/),
    });
  });

  it('leave out everything that a provider hangs on its errors', () => {
    const error = Object.assign(new Error('401 Unauthorized'), {
      status: 401,
      headers: { authorization: 'Bearer canary-1' },
      request: { body: { prompt: 'canary-2' } },
      response: { data: 'canary-3' },
    });
    expect(told(error)).not.toContain('canary');
    expect(record(error)).toMatchObject({ name: 'Error', message: '401 Unauthorized' });
  });

  it.each([
    ['a cast', 'Cast to Number failed for value "canary" (type string) at path "age"', 'at path "age"'],
    ['a cast of quotes', 'Cast to Number failed for value "{"a":"canary"}" (type Object) at path "age"', '"age"'],
    ['a validation', 'Agent validation failed: name: Path `name` (`canary`, length 6) is too short', 'Path `name`'],
    ['an enumeration', '`canary` is not a valid enum value for path `status`.', 'path `status`'],
    ['a duplicate', 'E11000 duplicate key error index: email_1 dup key: { email: "canary@example.com" }', 'E11000'],
  ])('leave out the value that %s message quotes', (_, message, kept) => {
    expect(record(new Error(message)).message).toContain(kept);
    expect(told(new Error(message))).not.toContain('canary');
  });

  it.each(['canary', '{"a": canary}', '{"token":"canary"'])('leave out the text that was no JSON (%s)', (text) => {
    const parsing = Promise.resolve(text).then((value): unknown => JSON.parse(value));
    return expect(parsing.catch(told)).resolves.toMatch(/^\{"name":"SyntaxError"(?!.*canary)/);
  });

  it('follow causes five deep, and loops no further', () => {
    const loop = new Error('loop');
    loop.cause = loop;
    const depth = (error: { cause?: unknown } | undefined): number =>
      error ? 1 + depth(error.cause as { cause?: unknown }) : 0;
    expect(depth(record(loop))).toBe(6);
    const outer = new TypeError('fetch failed', {
      cause: Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }),
    });
    expect(record(outer)).toMatchObject({ cause: { code: 'ECONNREFUSED', message: 'refused' } });
  });

  it('tell the first of several errors', () => {
    const several = new AggregateError([new Error('no route'), new Error('refused')], 'all failed');
    expect(record(several)).toMatchObject({ errors: 2, cause: { message: 'no route' } });
  });

  it('keep frames only from a stack, whatever the message holds', () => {
    const error = new Error('first\n    at canary-1 line\n    at canary-2');
    error.message = 'changed later';
    expect(record(error).stack).not.toContain('canary');
    const framed = new Error('first\n    at canary (canary.js:1:2)');
    expect(record(framed).stack).not.toContain('canary');
    expect(record(framed).stack).toContain('error-record.spec.ts');
  });

  it('tell only the type of what is no error', () => {
    expect(told({ password: 'canary' })).not.toContain('canary');
    expect(record({})).toEqual({ name: 'NotAnError', message: 'A value of type object was thrown.' });
    expect(record('plain words')).toMatchObject({ message: 'plain words' });
    expect(record(undefined)).toMatchObject({ name: 'NotAnError' });
  });

  it('know errors of another realm', () => {
    const foreign: unknown = runInContext('new RangeError("far away")', createContext());
    expect(record(foreign)).toMatchObject({ name: 'RangeError', message: 'far away' });
  });

  it('survive objects that fight back', () => {
    const hostile = new Error('x');
    Object.defineProperty(hostile, 'message', {
      get: () => {
        throw new Error('no');
      },
    });
    expect(record(hostile)).toMatchObject({ name: 'UnreadableError' });
    expect(record(new Error('x'.repeat(100_000))).message.length).toBeLessThan(1_100);
    expect(record(Object.assign(new Error('x'), { code: 'a\nb' }))).not.toHaveProperty('code');
  });
});
