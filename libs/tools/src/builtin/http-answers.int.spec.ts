import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { gzipSync } from 'node:zlib';
import type { AddressInfo } from 'node:net';
import { EgressClient } from '@flowmate/egress';
import { contextOf, failureOf, withTimeout } from '../../test/call.js';
import { runTool } from '../port/run-tool.js';
import type { ToolOutput } from '../port/tool.js';
import { httpGet } from './http-get.tool.js';
import { httpRequest } from './http-request.tool.js';

describe('what servers answer', () => {
  let [server, client, url]: [Server, EgressClient, string] = [undefined as never, undefined as never, ''];
  let listener: RequestListener;
  let seen: IncomingMessage[];
  beforeAll(async () => {
    server = createServer((request, response) => {
      seen.push(request);
      listener(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    client = new EgressClient({ allowHttp: true, trustedOrigins: [url] });
  });
  beforeEach(() => {
    seen = [];
  });
  afterAll(async () => {
    await client.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  const serve = (status: number, headers: Record<string, string>, body: string | Buffer = ''): void => {
    listener = (_request, response) => void response.writeHead(status, headers).end(body);
  };
  const get = (timeoutMs = 5_000): Promise<ToolOutput> =>
    runTool(withTimeout(httpGet(client), timeoutMs), { url: `${url}/a?b=c` }, contextOf());
  const send = (method: 'POST' | 'PUT' | 'PATCH' | 'DELETE', body: object = {}): Promise<ToolOutput> => {
    const tool = httpRequest({ client, keyedOrigins: [] });
    return runTool(tool, { method, url: `${url}/a`, ...body }, contextOf({ key: 'the-key' }));
  };

  it.each(['http://127.0.0.1/admin', 'http://169.254.169.254/latest/meta-data/', 'file:///etc/passwd', '//localhost/'])(
    'Y07 is not followed when it points to %s',
    async (location) => {
      serve(302, { location, 'content-type': 'text/plain' }, 'moved');
      const { text } = await get();
      expect(text).toBe(
        `HTTP 302 text/plain\nIt points to another address, which was not followed: ${location}\n\nmoved`,
      );
      expect(seen).toHaveLength(1);
    },
  );

  it('is labelled as text that nobody vouches for', async () => {
    serve(200, { 'content-type': 'application/json; charset=utf-8' }, '{"a":1}');
    expect(await get()).toEqual({
      text: 'HTTP 200 application/json; charset=utf-8\n\n{"a":1}',
      label: 'untrusted',
    });
  });

  it.each<[string, string, Buffer, string]>([
    ['in another encoding', 'text/plain; charset=iso-8859-1', Buffer.from('Grüße', 'latin1'), 'Grüße'],
    ['in an encoding that is none', 'text/plain; charset=klingon', Buffer.from('Grüße'), 'Grüße'],
    ['of a type of its own', 'application/vnd.api+json', Buffer.from('{}'), '{}'],
    [
      'bytes that are no text',
      'text/plain',
      Buffer.from([0x61, 0xff, 0xfe]),
      '[The answer says that it is text and is none.]',
    ],
    ['bytes with a null', 'application/json', Buffer.from('a\0b'), '[The answer says that it is text and is none.]'],
    ['a type that is no text', 'application/pdf', Buffer.from('%PDF'), '[The answer is no text and was not read.]'],
    ['a type with an escape', 'text/plain; x=\u009b31m', Buffer.from('a'), 'a'],
  ])('is read: %s', async (_what, type, body, expected) => {
    serve(200, { 'content-type': type }, body);
    const { text } = await get();
    expect(text.split('\n\n')[1]).toBe(expected);
    // oxlint-disable-next-line no-control-regex -- control characters are what must not be there
    expect(text).not.toMatch(/[\u0000-\u0009\u007f-\u009f]/);
  });

  it('is read without a type, and is nothing without a body', async () => {
    serve(200, {}, 'plain');
    expect((await get()).text).toBe('HTTP 200\n\nplain');
    serve(204, {});
    expect((await get()).text).toBe('HTTP 204\n\n');
  });

  it('is not inflated, so a small bomb stays small, and its status counts all the same', async () => {
    const headers = { 'content-type': 'text/plain', 'content-encoding': 'gzip' };
    serve(200, headers, gzipSync(Buffer.alloc(10_000_000)));
    expect((await get()).text).toContain('[The answer is no text and was not read.]');
    expect((await send('POST')).text).toMatch(/^HTTP 200 /);
    serve(503, headers, gzipSync('down'));
    expect(await failureOf(send('POST'))).toMatchObject({ code: 'tool_failed', effect: 'ambiguous' });
  });

  it('is not understood beyond the last status that there is', async () => {
    serve(700, {});
    expect(await failureOf(send('POST'))).toMatchObject({ code: 'tool_failed', effect: 'ambiguous' });
  });

  it('M10 ends in time when it comes byte by byte', async () => {
    listener = (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/plain' });
      const timer = setInterval(() => response.write('x'), 20);
      response.once('close', () => clearInterval(timer));
    };
    const started = performance.now();
    expect(await failureOf(get(300))).toMatchObject({ code: 'tool_timeout', effect: 'none' });
    expect(performance.now() - started).toBeLessThan(1_500);
  });

  it('is what a DELETE wants when nothing is there any more, and a failure for others', async () => {
    serve(404, { 'content-type': 'text/plain' }, 'gone');
    expect((await send('DELETE')).text).toBe('HTTP 404 text/plain\n\ngone');
    expect(await failureOf(send('PUT'))).toMatchObject({ code: 'tool_failed', effect: 'none' });
    expect((await failureOf(get())).message).toBe('The server answered with the status 404.');
  });

  it('is what was asked for with our key, our types and nothing of anybody else', async () => {
    serve(200, {});
    await send('POST', { json: { a: 'ü' } });
    await send('PATCH', { text: 'ü' });
    await send('DELETE');
    const common = { 'idempotency-key': 'the-key', 'user-agent': 'flowmate', 'accept-encoding': 'identity' };
    expect(seen.map(({ method, headers }) => [method, headers])).toMatchObject([
      ['POST', { ...common, 'content-type': 'application/json', 'content-length': '10' }],
      ['PATCH', { ...common, 'content-type': 'text/plain; charset=utf-8', 'content-length': '2' }],
      ['DELETE', common],
    ]);
    expect(seen.flatMap(({ headers }) => Object.keys(headers))).not.toContain('authorization');
    expect(seen[2]!.headers).not.toHaveProperty('content-type');
  });
});
