import {
  EgressAbortedError,
  EgressInterruptedError,
  EgressTimeoutError,
  EgressUnreachableError,
  RequestNotAllowedError,
  ResponseMalformedError,
  ResponseTooLargeError,
  UrlNotAllowedError,
} from '@flowmate/egress';
import { ModelUnavailableError } from '../model.errors.js';
import { translate } from './translate.js';

const SENT = { sent: true };
const SECRET = 'Bearer sk-secret';

describe('what a call threw', () => {
  it.each([
    [new EgressTimeoutError('connect', { sent: false }), 'llm_timeout', 'connect'],
    [new EgressUnreachableError(undefined), 'llm_unavailable', 'upstream_unreachable'],
    [new EgressInterruptedError(SENT, undefined), 'llm_unavailable', 'upstream_interrupted'],
    [new ResponseTooLargeError(SENT), 'llm_invalid_answer', 'too_large'],
    [new ResponseMalformedError(200), 'llm_invalid_answer', 'not_readable'],
    [new UrlNotAllowedError('scheme'), 'llm_bad_request', 'url_not_allowed'],
    [new RequestNotAllowedError('header_value'), 'llm_bad_request', 'request_not_allowed'],
    [new EgressAbortedError(SENT, undefined), 'llm_aborted', undefined],
  ])('%s is %s, bare or as the cause of an error of the SDK', (error, code, reason) => {
    const wrapped = new Error(SECRET, { cause: error });
    for (const thrown of [error, wrapped]) {
      const model = translate(thrown);
      expect([model.code, model.details['reason']]).toEqual([code, reason]);
      expect(JSON.stringify([model.message, String(model.cause)])).not.toContain(SECRET);
    }
  });

  it('stays what it is when it is one of ours', () => {
    const error = new ModelUnavailableError();
    expect(translate(error)).toBe(error);
  });

  it.each([
    [new TypeError(SECRET), 'unexpected_TypeError'],
    [Object.assign(new Error(SECRET), { name: SECRET }), 'unexpected_error'],
    [SECRET, 'unexpected_string'],
    [null, 'unexpected_object'],
  ])('keeps nothing of what nobody foresaw but its class', (error, reason) => {
    const model = translate(error);
    expect(model).toMatchObject({ code: 'llm_bad_request', details: { reason } });
    expect(model.cause).toBeUndefined();
  });
});
