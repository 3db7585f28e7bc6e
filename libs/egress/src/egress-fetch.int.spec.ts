import { Buffer } from 'node:buffer';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { eventually } from '@flowmate/testing';
import { SSRF_URLS } from '../../../test/abuse/ssrf.table.js';
import { setEnvironment } from '../test/environment.js';
import { dialTo, type Provider, provider, rawProvider } from '../test/provider.js';
import { EgressClient, type EgressOptions } from './egress.client.js';

const PUBLIC = '93.184.216.34';
const clients: EgressClient[] = [];

function clientOf(side: Provider, options: EgressOptions = {}): EgressClient {
  const client = new EgressClient({ trustedOrigins: [side.origin], ...options });
  clients.push(client);
  return client;
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method, url, headers } = request;
  const body = await text(request);
  response.setHeader('content-type', 'application/json').end(JSON.stringify({ method, url, headers, body }));
}

const echo = () => provider((request, response) => void answer(request, response));

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
});

describe('Y07 a redirect', () => {
  const inside = SSRF_URLS.map(({ target }) => target).filter((target) => /^[\u0021-\u00ff]+$/.test(target));

  it.each([301, 302, 303, 307, 308])('is an answer, whatever it points to (%i)', async (status) => {
    await using side = await provider((request, response) => {
      response.writeHead(status, { location: inside[Number(request.url?.slice(1))] }).end();
    });
    const dialled: string[] = [];
    const client = clientOf(side, {
      allowHttp: true,
      resolve: () => Promise.resolve([PUBLIC]),
      dial: dialTo(side, dialled),
    });
    for (const [index, location] of inside.entries()) {
      const url = `http://provider.example.com/${index}`;
      const answer = await client.request({ url });
      expect([answer.status, answer.headers.get('location')]).toEqual([status, location]);
      await answer.body();
      const fetched = await client.fetch(url, { redirect: 'follow' });
      expect([fetched.status, fetched.redirected]).toEqual([status, false]);
      await fetched.arrayBuffer();
    }
    expect(inside.length).toBeGreaterThan(100);
    expect(new Set(dialled)).toEqual(new Set([PUBLIC]));
  });
});

describe('Y10 proxy variables', () => {
  it('are ignored: no CONNECT and no request reaches the proxy', async () => {
    await using proxy = await provider((_request, response) => response.end('through the proxy'));
    await using side = await provider((_request, response) => response.end('direct'));
    const names = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'http_proxy', 'https_proxy', 'all_proxy'];
    using _proxied = setEnvironment({
      ...Object.fromEntries(names.map((name) => [name, proxy.origin])),
      NODE_USE_ENV_PROXY: '1',
      NO_PROXY: '',
      no_proxy: '',
    });
    const client = clientOf(side);
    expect(await (await client.request({ url: side.origin })).text()).toBe('direct');
    expect(await (await client.fetch(side.origin)).text()).toBe('direct');
    await expect(client.fetch('https://127.0.0.1/')).rejects.toMatchObject({ code: 'url_not_allowed' });
    expect(proxy.connections()).toBe(0);
  });
});

describe('fetch for SDKs', () => {
  it('answers with the global Response, address included', async () => {
    await using side = await echo();
    const response = await clientOf(side).fetch(`${side.origin}/v1/chat?x=1`);
    expect(response).toBeInstanceOf(Response);
    expect(response.headers).toBeInstanceOf(Headers);
    expect([response.ok, response.status, response.url]).toEqual([true, 200, `${side.origin}/v1/chat?x=1`]);
    expect(await response.clone().json()).toMatchObject({ method: 'GET', url: '/v1/chat?x=1' });
    expect(await response.json()).toMatchObject({ body: '' });
  });

  it.each([
    ['text', '{"a":1}', '{"a":1}'],
    ['bytes', new TextEncoder().encode('é'), 'é'],
    ['parameters', new URLSearchParams({ a: 'b c' }), 'a=b+c'],
    ['a blob', new Blob(['blob']), 'blob'],
  ])('sends %s with its length', async (_title, body, expected) => {
    await using side = await echo();
    const init = { method: 'POST', body, headers: { authorization: 'Bearer x' } };
    const seen = (await (await clientOf(side).fetch(side.origin, init)).json()) as Record<string, unknown>;
    expect(seen).toMatchObject({ method: 'POST', body: expected });
    expect(seen.headers).toMatchObject({
      authorization: 'Bearer x',
      'content-length': `${Buffer.byteLength(expected)}`,
      'accept-encoding': 'identity',
    });
  });

  it('sends a form and a stream', async () => {
    await using side = await echo();
    const form = new FormData();
    form.append('file', new Blob(['content']), 'a.txt');
    const client = clientOf(side);
    const asForm: unknown = await (await client.fetch(side.origin, { method: 'POST', body: form })).json();
    expect(asForm).toMatchObject({ body: expect.stringContaining('filename="a.txt"') });
    const body = new Blob(['streamed']).stream();
    const asStream: unknown = await (await client.fetch(side.origin, { method: 'POST', body, duplex: 'half' })).json();
    expect(asStream).toMatchObject({ body: 'streamed', headers: { 'transfer-encoding': 'chunked' } });
  });

  it('takes a URL, a Request, and a Request of another package', async () => {
    await using side = await echo();
    const client = clientOf(side);
    const init = { method: 'PUT', body: 'x', headers: { 'x-note': 'y' } };
    const foreign = Object.create(null, Object.getOwnPropertyDescriptors({ ...init, url: side.origin }));
    Object.assign(foreign, { headers: new Headers(init.headers), arrayBuffer: () => new Blob(['x']).arrayBuffer() });
    for (const input of [new Request(side.origin, init), foreign as Request]) {
      const seen: unknown = await (await client.fetch(input)).json();
      expect(seen).toMatchObject({ method: 'PUT', body: 'x', headers: { 'x-note': 'y' } });
    }
    expect((await client.fetch(new URL(side.origin))).status).toBe(200);
  });

  it('drops headers that only the client may set instead of failing', async () => {
    await using side = await echo();
    const headers = { host: 'metadata.google.internal', connection: 'upgrade', 'proxy-authorization': 'x' };
    const seen = (await (await clientOf(side).fetch(side.origin, { headers })).json()) as {
      headers: Record<string, string>;
    };
    expect(seen.headers.host).toBe(`127.0.0.1:${side.port}`);
    expect(seen.headers).not.toHaveProperty('proxy-authorization');
  });

  it('streams the answer as it comes', async () => {
    const gate = Promise.withResolvers<void>();
    await using side = await provider((_request, response) => {
      response.write('first');
      void gate.promise.then(() => response.end('second'));
    });
    const reader = (await clientOf(side).fetch(side.origin)).body?.getReader();
    const first = await reader?.read();
    expect(Buffer.from(first?.value ?? []).toString()).toBe('first');
    gate.resolve();
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe('second');
    expect((await reader?.read())?.done).toBe(true);
  });

  it('cuts a stream off at its cap and at its deadline', async () => {
    await using side = await provider((request, response) => {
      if (request.url === '/large') response.end('x'.repeat(2_000));
      else response.write('data: 1\n\n');
    });
    const limited = clientOf(side).fetchWith({ maxResponseBytes: 1_000, totalMs: 200 });
    await expect((await limited(`${side.origin}/large`)).text()).rejects.toMatchObject({
      code: 'upstream_response_too_large',
    });
    await expect((await limited(`${side.origin}/endless`)).text()).rejects.toMatchObject({ phase: 'total' });
    await eventually(() => expect(side.open()).toBe(0));
  });

  it('does not read ahead of a slow reader', async () => {
    let sent = 0;
    await using side = await provider((_request, response) => {
      const pour = (): void => {
        do sent += 65_536;
        while (!response.destroyed && response.write(Buffer.alloc(65_536)));
      };
      response.on('drain', pour);
      pour();
    });
    const response = await clientOf(side, { limits: { maxResponseBytes: 1_000_000_000 } }).fetch(side.origin);
    const reader = response.body?.getReader();
    await reader?.read();
    const stalled = await eventually(async () => {
      const earlier = sent;
      await delay(100);
      expect(sent).toBe(earlier);
      return sent;
    });
    // What the kernel's buffers take; the cap of 1 GB is far away.
    expect(stalled).toBeLessThan(50_000_000);
    await reader?.cancel();
    await eventually(() => expect(side.open()).toBe(0));
  });

  it.each([AbortSignal.abort(), AbortSignal.timeout(50)])(
    'rejects as an abort when the signal fires',
    async (signal) => {
      await using side = await provider(() => undefined);
      await expect(clientOf(side).fetch(side.origin, { signal })).rejects.toMatchObject({ name: 'AbortError' });
      await expect(clientOf(side).fetch(new Request(side.origin, { signal }))).rejects.toMatchObject({
        name: 'AbortError',
      });
    },
  );

  it.each([204, 304, 205])('gives no body with status %i', async (status) => {
    await using side = await provider((_request, response) => response.writeHead(status).end());
    const response = await clientOf(side).fetch(side.origin);
    expect([response.status, response.body]).toEqual([status, null]);
  });

  it('fails on a status that no Response can carry', async () => {
    await using side = await rawProvider((socket) => {
      socket.write('HTTP/1.1 999 Denied\r\ncontent-length: 0\r\n\r\n');
    });
    await expect(clientOf(side).fetch(side.origin)).rejects.toMatchObject({ code: 'upstream_response_malformed' });
  });
});
