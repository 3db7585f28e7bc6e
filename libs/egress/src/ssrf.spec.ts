import { SSRF_NAMES, SSRF_URLS } from '../../../test/abuse/ssrf.table.js';
import type { DialTarget } from './dial.js';
import { EgressClient, type EgressEvent, type EgressOptions } from './egress.client.js';
import { EgressUnreachableError, UrlNotAllowedError } from './egress.errors.js';

const PUBLIC = ['93.184.216.34', '2606:4700:4700::1111'];
const REFUSED = new Error('recorded, not dialled');

/** A client whose connector writes down what it was asked for and never opens a socket. */
function recordingClient(answer: (hostname: string) => readonly string[], options: EgressOptions = {}) {
  const dialled: DialTarget[] = [];
  const resolved: string[] = [];
  const events: EgressEvent[] = [];
  const client = new EgressClient({
    resolve: (hostname) => {
      resolved.push(hostname);
      return Promise.resolve(answer(hostname));
    },
    dial: (target) => {
      dialled.push(target);
      return Promise.reject(REFUSED);
    },
    onRequest: (event) => events.push(event),
    ...options,
  });
  return { client, dialled, resolved, events };
}

describe('a forbidden URL', () => {
  it.each(SSRF_URLS)('$id reaches neither DNS nor a socket: $target', async ({ target }) => {
    for (const allowHttp of [false, true]) {
      const { client, dialled, resolved, events } = recordingClient(() => PUBLIC, { allowHttp });
      await expect(client.request({ url: target })).rejects.toBeInstanceOf(UrlNotAllowedError);
      await expect(client.fetch(target)).rejects.toBeInstanceOf(UrlNotAllowedError);
      expect({ dialled, resolved }).toEqual({ dialled: [], resolved: [] });
      expect(events.map(({ outcome, origin }) => `${outcome} ${origin}`)).toEqual(
        Array(2).fill('url_not_allowed null'),
      );
    }
  });

  it('Y08 stays forbidden when it comes as a URL or a Request, already parsed', async () => {
    const { client, dialled } = recordingClient(() => PUBLIC);
    for (const target of ['https://①②⑦.0.0.1/', 'https://0x7f.1/', 'https://localhost/']) {
      await expect(client.fetch(new URL(target))).rejects.toBeInstanceOf(UrlNotAllowedError);
      await expect(client.fetch(new Request(target))).rejects.toBeInstanceOf(UrlNotAllowedError);
    }
    expect(dialled).toEqual([]);
  });
});

describe('a name that resolves inside', () => {
  it.each(SSRF_NAMES)('$id is refused without a connection: $title', async ({ answers }) => {
    const { client, dialled, resolved } = recordingClient(() => answers);
    await expect(client.request({ url: 'https://attacker.example.com/' })).rejects.toMatchObject({
      code: 'url_not_allowed',
      reason: 'address_not_public',
    });
    expect(resolved).toEqual(['attacker.example.com']);
    expect(dialled).toEqual([]);
  });

  it('is unreachable, not forbidden, when it has no address', async () => {
    const { client, dialled } = recordingClient(() => []);
    await expect(client.request({ url: 'https://gone.example.com/' })).rejects.toMatchObject({
      code: 'upstream_unreachable',
      ambiguous: false,
    });
    expect(dialled).toEqual([]);
  });
});

describe('Y06 rebinding', () => {
  it('dials exactly the addresses that were checked and resolves once', async () => {
    const answers = [PUBLIC, ['127.0.0.1'], ['127.0.0.1']];
    const { client, dialled, resolved } = recordingClient(() => answers.shift() ?? []);
    await expect(client.request({ url: 'https://rebind.example.com/' })).rejects.toBeInstanceOf(EgressUnreachableError);
    expect(resolved).toHaveLength(1);
    expect(dialled).toEqual([{ secure: true, hostname: 'rebind.example.com', port: 443, addresses: PUBLIC }]);
  });

  it('checks again for the next connection', async () => {
    const answers = [PUBLIC, ['169.254.169.254']];
    const { client, dialled } = recordingClient(() => answers.shift() ?? []);
    await expect(client.request({ url: 'https://rebind.example.com/' })).rejects.toBeInstanceOf(EgressUnreachableError);
    await expect(client.request({ url: 'https://rebind.example.com/' })).rejects.toBeInstanceOf(UrlNotAllowedError);
    expect(dialled).toHaveLength(1);
  });
});

describe('a trusted origin', () => {
  const trustedOrigins = ['http://llm.internal:11434/v1'];

  it('may resolve inside, and says so to the resolver', async () => {
    const sources: string[] = [];
    const { client, dialled } = recordingClient(() => [], {
      trustedOrigins,
      resolve: (_hostname, source) => {
        sources.push(source);
        return Promise.resolve(['10.0.0.7']);
      },
    });
    await expect(client.request({ url: 'http://llm.internal:11434/v1' })).rejects.toMatchObject({ cause: REFUSED });
    expect(sources).toEqual(['trusted']);
    expect(dialled).toEqual([{ secure: false, hostname: 'llm.internal', port: 11_434, addresses: ['10.0.0.7'] }]);
  });

  it('opens nothing for another origin that resolves to the same place', async () => {
    const { client, dialled } = recordingClient(() => ['10.0.0.7'], { trustedOrigins, allowHttp: true });
    await expect(client.request({ url: 'http://attacker.example.com/' })).rejects.toBeInstanceOf(UrlNotAllowedError);
    await expect(client.request({ url: 'http://llm.internal/' })).rejects.toBeInstanceOf(UrlNotAllowedError);
    expect(dialled).toEqual([]);
  });
});

describe('a request that cannot be sent', () => {
  it('is refused before DNS', async () => {
    const { client, resolved, events } = recordingClient(() => PUBLIC);
    const headers = { Host: 'metadata.google.internal' };
    await expect(client.request({ url: 'https://example.com/', headers })).rejects.toMatchObject({
      code: 'request_not_allowed',
      reason: 'header_reserved',
    });
    expect(resolved).toEqual([]);
    expect(events).toMatchObject([{ outcome: 'request_not_allowed', origin: null }]);
  });

  it('takes no connection from the caller of fetch', async () => {
    const { client, dialled } = recordingClient(() => PUBLIC);
    const init = { dispatcher: {} } as RequestInit;
    await expect(client.fetch('https://example.com/', init)).rejects.toBeInstanceOf(TypeError);
    expect(dialled).toEqual([]);
  });

  it.each([0, -1, 1.5, Number.NaN, Infinity, 2 ** 31])('refuses the limit %p at start', (totalMs) => {
    expect(() => new EgressClient({ limits: { totalMs } })).toThrow(RangeError);
  });
});
