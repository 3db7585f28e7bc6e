import { gzipSync } from 'node:zlib';
import { eventually } from '@flowmate/testing';
import { dialTo, type Provider, provider, rawProvider } from '../test/provider.js';
import { EgressClient, type EgressEvent, type EgressOptions } from './egress.client.js';

const FAST = { connectMs: 100, headersMs: 100, idleMs: 100, totalMs: 400 };
const HEAD = 'HTTP/1.1 200 OK\r\n';
const clients: EgressClient[] = [];

function clientOf(side: Provider | undefined, options: EgressOptions = {}): EgressClient {
  const client = new EgressClient({ trustedOrigins: side ? [side.origin] : [], limits: FAST, ...options });
  clients.push(client);
  return client;
}

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
});

describe('a wait', () => {
  it('for a connection ends after connectMs and is not ambiguous', async () => {
    const client = clientOf(undefined, {
      resolve: () => Promise.resolve(['93.184.216.34']),
      dial: () => new Promise(() => undefined),
    });
    await expect(client.request({ url: 'https://example.com/', method: 'POST' })).rejects.toMatchObject({
      code: 'upstream_timeout',
      phase: 'connect',
      ambiguous: false,
    });
  });

  it('for a name server ends after connectMs and is not ambiguous', async () => {
    const client = clientOf(undefined, { resolve: () => new Promise(() => undefined) });
    await expect(client.request({ url: 'https://example.com/' })).rejects.toMatchObject({
      phase: 'connect',
      ambiguous: false,
    });
  });

  it('for the head of the answer ends after headersMs, is ambiguous and closes the socket', async () => {
    await using side = await provider(() => undefined);
    const client = clientOf(side, { limits: { ...FAST, totalMs: 5_000 } });
    await expect(client.request({ url: side.origin, method: 'POST', body: '{}' })).rejects.toMatchObject({
      code: 'upstream_timeout',
      phase: 'headers',
      ambiguous: true,
      status: undefined,
    });
    await eventually(() => expect(side.open()).toBe(0));
  });

  it('for the next piece of the body ends after idleMs and keeps the status', async () => {
    await using side = await provider((_request, response) => void response.write('half'));
    const response = await clientOf(side, { limits: { ...FAST, totalMs: 5_000 } }).request({ url: side.origin });
    await expect(response.body()).rejects.toMatchObject({ phase: 'body', ambiguous: true, status: 200 });
    await eventually(() => expect(side.open()).toBe(0));
  });

  it('for a slow trickle ends at the total deadline although no single pause is long', async () => {
    await using side = await provider((_request, response) => {
      const drip = setInterval(() => response.write('x'), 20);
      response.on('close', () => clearInterval(drip));
    });
    const response = await clientOf(side).request({ url: side.origin });
    await expect(response.body()).rejects.toMatchObject({ phase: 'total', ambiguous: true, status: 200 });
    await eventually(() => expect(side.open()).toBe(0));
  });

  it('for headers that trickle ends at the total deadline', async () => {
    await using side = await rawProvider((socket) => {
      socket.write(HEAD);
      const drip = setInterval(() => socket.write('x-drip: 1\r\n'), 20);
      socket.on('close', () => clearInterval(drip));
    });
    const client = clientOf(side, { limits: { ...FAST, headersMs: 5_000 } });
    await expect(client.request({ url: side.origin })).rejects.toMatchObject({ phase: 'total' });
  });

  it('for a body nobody reads ends at the total deadline', async () => {
    await using side = await provider((_request, response) => {
      const pour = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536)));
      };
      response.on('drain', pour);
      pour();
    });
    await clientOf(side).request({ url: side.origin });
    expect(side.open()).toBe(1);
    await eventually(() => expect(side.open()).toBe(0));
  });

  it('can be longer for one request', async () => {
    await using side = await provider((_request, response) => void setTimeout(() => response.end('late'), 300));
    const response = await clientOf(side).request({ url: side.origin, limits: { headersMs: 2_000, totalMs: 2_000 } });
    expect(await response.text()).toBe('late');
  });
});

describe('an answer larger than the cap', () => {
  it('is cut off while it pours, and the socket closed', async () => {
    let sent = 0;
    await using side = await provider((_request, response) => {
      const pour = (): void => {
        do sent += 65_536;
        while (!response.destroyed && response.write(Buffer.alloc(65_536)));
      };
      response.on('drain', pour);
      pour();
    });
    const client = clientOf(side, { limits: { maxResponseBytes: 1_000_000 } });
    const response = await client.request({ url: side.origin });
    await expect(response.body()).rejects.toMatchObject({
      code: 'upstream_response_too_large',
      ambiguous: true,
      status: 200,
    });
    await eventually(() => expect(side.open()).toBe(0));
    // The kernel's buffers on both ends hold a few megabytes that were never read here.
    expect(sent).toBeLessThan(20_000_000);
  });

  it('passes at exactly the cap and fails one byte above', async () => {
    await using side = await provider((request, response) => {
      response.end('x'.repeat(Number(request.url?.slice(1))));
    });
    const limits = { maxResponseBytes: 1_000 };
    const client = clientOf(side);
    const atCap = await client.request({ url: `${side.origin}/1000`, limits });
    expect(await atCap.body()).toHaveLength(1_000);
    const above = await client.request({ url: `${side.origin}/1001`, limits });
    await expect(above.body()).rejects.toMatchObject({ code: 'upstream_response_too_large' });
  });

  it('is refused when it is the header block that is endless', async () => {
    await using side = await rawProvider((socket) => {
      socket.write(`${HEAD}x: ${'a'.repeat(200_000)}\r\n\r\n`);
    });
    await expect(clientOf(side).request({ url: side.origin })).rejects.toMatchObject({
      code: 'upstream_response_too_large',
      ambiguous: true,
    });
  });
});

describe('a compressed answer', () => {
  const bomb = gzipSync(Buffer.alloc(50_000_000));

  it('was not asked for and is never inflated', async () => {
    const asked: unknown[] = [];
    await using side = await provider((request, response) => {
      asked.push(request.headers['accept-encoding']);
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb);
    });
    const client = clientOf(side);
    const response = await client.request({ url: side.origin });
    expect(await response.body()).toHaveLength(bomb.length);
    await expect(response.text()).rejects.toMatchObject({ code: 'upstream_response_malformed', status: 200 });
    const init = { headers: { 'accept-encoding': 'gzip, br' } };
    await expect(client.fetch(side.origin, init)).rejects.toMatchObject({ code: 'upstream_response_malformed' });
    expect(asked).toEqual(['identity', 'identity']);
  });

  it('counts against the cap as received', async () => {
    await using side = await provider((_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb);
    });
    const response = await clientOf(side).request({ url: side.origin, limits: { maxResponseBytes: 10_000 } });
    await expect(response.body()).rejects.toMatchObject({ code: 'upstream_response_too_large' });
  });
});

describe('a broken connection', () => {
  it('that was refused is not ambiguous', async () => {
    const gone = await provider(() => undefined);
    await gone[Symbol.asyncDispose]();
    await expect(clientOf(gone).request({ url: gone.origin, method: 'POST' })).rejects.toMatchObject({
      code: 'upstream_unreachable',
      ambiguous: false,
    });
  });

  it('before the answer is ambiguous', async () => {
    await using side = await rawProvider((socket) => void socket.once('data', () => socket.resetAndDestroy()));
    await expect(clientOf(side).request({ url: side.origin, method: 'POST' })).rejects.toMatchObject({
      code: 'upstream_interrupted',
      ambiguous: true,
      status: undefined,
    });
    expect(side.connections()).toBe(1);
  });

  it.each(['reset', 'end'])('in the middle of the body is ambiguous and keeps the status (%s)', async (how) => {
    await using side = await rawProvider((socket) => {
      socket.write(`${HEAD}content-length: 100\r\n\r\nhalf`);
      setTimeout(() => (how === 'reset' ? socket.resetAndDestroy() : socket.end()), 50);
    });
    const response = await clientOf(side, { limits: { ...FAST, idleMs: 5_000 } }).request({ url: side.origin });
    await expect(response.body()).rejects.toMatchObject({ code: 'upstream_interrupted', ambiguous: true, status: 200 });
  });

  it.each(['SSH-2.0-OpenSSH_9.2\r\n', 'HTTP/1.1 abc\r\n\r\n', `${HEAD}x y: 1\r\n\r\n`, 'HTTP/1.1 101 Up\r\n\r\n'])(
    'to something that does not speak HTTP fails: %j',
    async (greeting) => {
      await using side = await rawProvider((socket) => void socket.once('data', () => socket.end(greeting)));
      await expect(clientOf(side).request({ url: side.origin })).rejects.toMatchObject({
        code: 'upstream_interrupted',
      });
    },
  );

  it('does not let header bytes outside ASCII break the reading', async () => {
    await using side = await rawProvider((socket) => {
      socket.write(Buffer.from(`${HEAD}x-note: caf\u00e9 \u2603\r\ncontent-length: 2\r\n\r\nok`));
    });
    const response = await clientOf(side).request({ url: side.origin });
    expect(await response.text()).toBe('ok');
    expect(response.headers.get('x-note')).toMatch(/^caf/);
  });

  it('gives a body that is not JSON no way into the error', async () => {
    await using side = await provider((_request, response) => response.end('<html>secret-canary'));
    const response = await clientOf(side).request({ url: side.origin });
    const error = await response.json().catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'upstream_response_malformed', cause: undefined });
    expect(JSON.stringify([String(error), error])).not.toContain('canary');
  });
});

describe('an abort by the caller', () => {
  it('before the request is not ambiguous and resolves and connects nothing', async () => {
    const resolved: string[] = [];
    const client = clientOf(undefined, {
      resolve: (hostname) => {
        resolved.push(hostname);
        return Promise.resolve([]);
      },
    });
    const signal = AbortSignal.abort(new Error('cancelled'));
    await expect(client.request({ url: 'https://example.com/', signal })).rejects.toMatchObject({
      code: 'upstream_aborted',
      ambiguous: false,
      cause: signal.reason,
    });
    await new Promise(setImmediate);
    expect(resolved).toEqual([]);
  });

  it('while connecting is not ambiguous and ends at once', async () => {
    const controller = new AbortController();
    const client = clientOf(undefined, {
      limits: { connectMs: 2_000 },
      resolve: () => Promise.resolve(['93.184.216.34']),
      dial: () => {
        setImmediate(() => controller.abort());
        return new Promise(() => undefined);
      },
    });
    const request = client.request({ url: 'https://example.com/', signal: controller.signal });
    await expect(request).rejects.toMatchObject({ code: 'upstream_aborted', ambiguous: false });
  });

  it('while connecting sends nothing when the connection comes after all', async () => {
    const requests: unknown[] = [];
    await using side = await provider((request, response) => {
      requests.push(request.url);
      response.end();
    });
    const controller = new AbortController();
    const gate = Promise.withResolvers<void>();
    const client = clientOf(undefined, {
      resolve: () => Promise.resolve(['93.184.216.34']),
      limits: { connectMs: 5_000 },
      dial: async (target) => {
        controller.abort();
        await gate.promise;
        return dialTo(side)(target);
      },
    });
    const request = client.request({ url: 'https://example.com/', method: 'POST', signal: controller.signal });
    await expect(request).rejects.toMatchObject({ code: 'upstream_aborted', ambiguous: false });
    gate.resolve();
    await eventually(() => expect(side.connections()).toBe(1));
    await eventually(() => expect(side.open()).toBe(0));
    expect(requests).toEqual([]);
  });

  it('while waiting for the answer is ambiguous and closes the socket', async () => {
    const controller = new AbortController();
    await using side = await provider(() => controller.abort());
    const request = clientOf(side).request({ url: side.origin, method: 'POST', signal: controller.signal });
    await expect(request).rejects.toMatchObject({ code: 'upstream_aborted', ambiguous: true, name: 'AbortError' });
    await eventually(() => expect(side.open()).toBe(0));
  });

  it('while reading the body closes the socket', async () => {
    const controller = new AbortController();
    await using side = await provider((_request, response) => void response.write('half'));
    const response = await clientOf(side).request({ url: side.origin, signal: controller.signal });
    setImmediate(() => controller.abort());
    await expect(response.body()).rejects.toMatchObject({ code: 'upstream_aborted', status: 200 });
    await eventually(() => expect(side.open()).toBe(0));
  });

  it('leaves no listener behind on a signal that lives on', async () => {
    await using side = await provider((_request, response) => response.end('ok'));
    const { signal } = new AbortController();
    const added = jest.spyOn(signal, 'addEventListener');
    const removed = jest.spyOn(signal, 'removeEventListener');
    await (await clientOf(side).request({ url: side.origin, signal })).text();
    expect(added).toHaveBeenCalledTimes(1);
    expect(removed.mock.calls[0]?.[1]).toBe(added.mock.calls[0]?.[1]);
  });
});

describe('the end of a request', () => {
  it('is reported once, with the origin and never the path, query or headers', async () => {
    const events: EgressEvent[] = [];
    await using side = await provider((request, response) => {
      if (request.url === '/cut') request.socket.destroy();
      else response.writeHead(404).end('no');
    });
    const client = clientOf(side, { onRequest: (event) => events.push(event) });
    const headers = { authorization: 'Bearer canary' };
    await (await client.request({ url: `${side.origin}/canary?key=canary`, headers })).text();
    await expect(client.request({ url: `${side.origin}/cut` })).rejects.toThrow('broke off');
    expect(events).toEqual([
      { origin: side.origin, method: 'GET', status: 404, ms: expect.any(Number), outcome: 'answered' },
      {
        origin: side.origin,
        method: 'GET',
        status: undefined,
        ms: expect.any(Number),
        outcome: 'upstream_interrupted',
      },
    ]);
    expect(JSON.stringify(events)).not.toContain('canary');
  });

  it('leaves no timer behind', async () => {
    const timers = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
    await using side = await provider((_request, response) => response.end('ok'));
    const client = clientOf(side, { limits: {} });
    const before = timers();
    for (let round = 0; round < 50; round += 1) await (await client.request({ url: side.origin })).text();
    // Half, because timers of the connection pool come and go as well.
    expect(timers() - before).toBeLessThan(25);
  });

  it('keeps the connection for the next request once the body was read', async () => {
    await using side = await provider((_request, response) => response.end('ok'));
    const client = clientOf(side);
    for (let round = 0; round < 6; round += 1) await (await client.request({ url: side.origin })).text();
    // undici may open a second one for a request that comes in the very tick the first one ends.
    expect(side.connections()).toBeLessThanOrEqual(2);
  });

  it('closes the connection when the body was discarded', async () => {
    const events: EgressEvent[] = [];
    await using side = await provider((_request, response) => void response.write('more'));
    const client = clientOf(side, { limits: { totalMs: 60_000 }, onRequest: (event) => events.push(event) });
    const response = await client.request({ url: side.origin });
    expect(side.open()).toBe(1);
    await response.discard();
    await eventually(() => expect(side.open()).toBe(0));
    expect(events).toMatchObject([{ outcome: 'answered', status: 200 }]);
  });

  it('comes for everything under way when the client closes', async () => {
    await using side = await provider(() => undefined);
    const client = clientOf(side);
    const failure = client.request({ url: side.origin }).catch((error: unknown) => error);
    await eventually(() => expect(side.open()).toBe(1));
    await client.close();
    expect(await failure).toMatchObject({ code: 'upstream_interrupted', ambiguous: true });
    await expect(client.request({ url: side.origin })).rejects.toMatchObject({ code: 'upstream_unreachable' });
  });
});
