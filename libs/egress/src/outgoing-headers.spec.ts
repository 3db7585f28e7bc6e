import { RequestNotAllowedError } from './egress.errors.js';
import { checkMethod, outgoingHeaders } from './outgoing-headers.js';

const reasonOf = (attempt: () => unknown): string => {
  try {
    attempt();
  } catch (error) {
    if (error instanceof RequestNotAllowedError) return error.reason;
    throw error;
  }
  return 'allowed';
};

describe('outgoing headers', () => {
  it('asks for an answer that needs no inflating and names itself', () => {
    expect(outgoingHeaders([['Accept', 'application/json']])).toEqual(
      'accept-encoding identity Accept application/json user-agent flowmate'.split(' '),
    );
  });

  it('keeps the user agent that the caller chose', () => {
    expect(outgoingHeaders([['User-Agent', 'x']])).toEqual(['accept-encoding', 'identity', 'User-Agent', 'x']);
  });

  it.each([
    'Host',
    'Transfer-Encoding',
    'content-length',
    'Connection',
    'Proxy-Authorization',
    'upgrade',
    'TE',
    'Expect',
  ])('refuses %s, which frames the message or names its destination', (name) => {
    expect(reasonOf(() => outgoingHeaders([[name, 'x']]))).toBe('header_reserved');
  });

  it.each(['x\r\nHost: inside', 'x\n', 'x\u0000', 'snow ☃', 'x\u007f'])('refuses the value %j', (value) => {
    expect(reasonOf(() => outgoingHeaders([['x-note', value]]))).toBe('header_value');
  });

  it.each(['', 'x y', 'x:', 'x\r\n', 'ü', '(x)'])('refuses the name %j', (name) => {
    expect(reasonOf(() => outgoingHeaders([[name, 'x']]))).toBe('header_name');
  });

  it('refuses a block larger than servers read', () => {
    expect(reasonOf(() => outgoingHeaders([['x-note', 'a'.repeat(16_000)]]))).toBe('allowed');
    expect(reasonOf(() => outgoingHeaders([['x-note', 'a'.repeat(17_000)]]))).toBe('headers_too_large');
  });

  it.each(['CONNECT', 'TRACE', 'get', 'GET / HTTP/1.1\r\nHost: x', ''])('refuses the method %j', (method) => {
    expect(reasonOf(() => checkMethod(method))).toBe('method');
  });
});
