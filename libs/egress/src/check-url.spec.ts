import { PUBLIC_URLS, SSRF_URLS } from '../../../test/abuse/ssrf.table.js';
import { checkUrl, trustedOrigins } from './check-url.js';
import { UrlNotAllowedError } from './egress.errors.js';

const reasonOf = (url: string, policy = {}): string => {
  try {
    checkUrl(url, policy);
  } catch (error) {
    if (error instanceof UrlNotAllowedError) return error.reason;
    throw error;
  }
  return 'allowed';
};

describe('the text of a URL', () => {
  it.each(SSRF_URLS)('$id refuses $target', ({ target }) => {
    expect(reasonOf(target)).not.toBe('allowed');
    expect(reasonOf(target, { allowHttp: true })).not.toBe('allowed');
  });

  it.each(PUBLIC_URLS)('allows %s', (target) => {
    expect(reasonOf(target)).toBe('allowed');
  });

  it.each([
    ['https://u:p@example.com/', 'credentials'],
    ['https://example.com/#x', 'fragment'],
    ['https://exam\tple.com/', 'control_character'],
    ['https:\\\\example.com/', 'backslash'],
    ['https:example.com', 'malformed'],
    ['https://①.example.com/', 'host_not_ascii'],
    ['http://example.com/', 'scheme'],
    ['https://example.com:8443/', 'port'],
    ['https://example.com./', 'trailing_dot'],
    ['https://redis/', 'single_label'],
    ['https://redis.default.svc/', 'internal_name'],
    ['https://[::1]/', 'address_not_public'],
    [`https://example.com/${'a'.repeat(2_048)}`, 'too_long'],
    [`https://example.com/${'./'.repeat(1_100)}`, 'too_long'],
    [`https://example.com/${'ü'.repeat(400)}`, 'too_long'],
  ])('says why it refuses %s', (target, reason) => {
    expect(reasonOf(target)).toBe(reason);
  });

  it('answers every refusal with the same sentence and none of the input', () => {
    const messages = ['https://u:secret@example.com/', 'https://10.0.0.1/', 'https://vault.internal/'].map((url) => {
      try {
        return checkUrl(url).href;
      } catch (error) {
        return JSON.stringify([String(error), (error as UrlNotAllowedError).details]).replace(/"reason":"\w+"/, '');
      }
    });
    expect(new Set(messages).size).toBe(1);
    expect(messages[0]).not.toMatch(/secret|10\.0|vault/);
  });

  it('allows plain http only where it is switched on', () => {
    expect(reasonOf('http://example.com/', { allowHttp: true })).toBe('allowed');
  });
});

describe('a trusted origin', () => {
  const policy = { trusted: trustedOrigins(['http://127.0.0.1:11434/v1', 'https://llm.internal']) };

  it('skips scheme, port, name and address for exactly that origin', () => {
    expect(reasonOf('http://127.0.0.1:11434/v1/models', policy)).toBe('allowed');
    expect(reasonOf('https://llm.internal/chat', policy)).toBe('allowed');
  });

  it.each([
    'http://127.0.0.1:11435/',
    'https://127.0.0.1:11434/',
    'http://127.0.0.1/',
    'http://127.0.0.2:11434/',
    'http://localhost:11434/',
    'https://a.llm.internal/',
    'https://llm.internal:8443/',
    'http://llm.internal/',
    'https://llm.internal./',
  ])('does not open %s', (target) => {
    expect(reasonOf(target, policy)).not.toBe('allowed');
  });

  it.each([
    ['http://u:p@127.0.0.1:11434/', 'credentials'],
    ['http://127.0.0.1:11434/#x', 'fragment'],
    ['http://127.0.0.1:11434/a b', 'control_character'],
    [`http://127.0.0.1:11434/${'a'.repeat(2_048)}`, 'too_long'],
  ])('keeps the other checks for %s', (target, reason) => {
    expect(reasonOf(target, policy)).toBe(reason);
  });

  it.each(['', 'llm.internal', 'file:///etc', 'ftp://example.com', 'null'])(
    'is refused at start when it has no origin: "%s"',
    (url) => {
      expect(() => trustedOrigins([url])).toThrow(TypeError);
    },
  );
});
