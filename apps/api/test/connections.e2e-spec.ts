import { once } from 'node:events';
import { connect } from 'node:net';
import { eventually, verifies } from '@flowmate/testing';
import { OPERATOR_TOKEN, startApiUnderTest, type ApiUnderTest } from './harness/api-under-test.js';
import { send, sendBytes } from './harness/send.js';

const HOST = 'Host: 127.0.0.1\r\n';
const many = (count: number): string => Array.from({ length: count }, (_, index) => `X-H${index}: 1\r\n`).join('');

/** Bytes that are no proper request: what the server does with each, and the code it answers. */
const RAW_CASES = [
  [
    'H06',
    'both a length and chunks',
    `POST /test/echo HTTP/1.1\r\n${HOST}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    400,
    'bad_request',
  ],
  [
    'H06',
    'two lengths',
    `POST /test/echo HTTP/1.1\r\n${HOST}Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcd`,
    400,
    'bad_request',
  ],
  ['H06', 'lines that end by LF alone', `GET /test/nothing HTTP/1.1\nHost: x\n\n`, 400, 'bad_request'],
  [
    'H06',
    'a header of 20 KB',
    `GET /test/nothing HTTP/1.1\r\n${HOST}X-Big: ${'x'.repeat(20_000)}\r\n\r\n`,
    431,
    'headers_too_large',
  ],
  [
    'T18',
    'an Authorization of 20 KB',
    `GET /test/closed HTTP/1.1\r\n${HOST}Authorization: Bearer ${'x'.repeat(20_000)}\r\n\r\n`,
    431,
    'headers_too_large',
  ],
  [
    'H06',
    'two hosts',
    `GET /test/nothing HTTP/1.1\r\n${HOST}Host: evil.example\r\nConnection: close\r\n\r\n`,
    400,
    'bad_request',
  ],
  [
    'H06',
    'a coding besides chunks',
    `POST /test/echo HTTP/1.1\r\n${HOST}Content-Type: application/json\r\nTransfer-Encoding: gzip, chunked\r\nConnection: close\r\n\r\n0\r\n\r\n`,
    400,
    'bad_request',
  ],
  [
    'H06',
    'an expectation that nobody meets',
    `GET /test/nothing HTTP/1.1\r\n${HOST}Expect: bananas\r\n\r\n`,
    417,
    'expectation_failed',
  ],
  ['V04', 'a method that does not exist', `FOO /test/closed HTTP/1.1\r\n${HOST}\r\n`, 400, 'bad_request'],
  ['V04', 'CONNECT', `CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example\r\n\r\n`, 405, 'method_not_allowed'],
  ['H06', 'no HTTP at all', 'hello\r\n\r\n', 400, 'bad_request'],
  ['H06', 'a header with a NUL', `GET /test/nothing HTTP/1.1\r\n${HOST}X-A: a\0b\r\n\r\n`, 400, 'bad_request'],
  ['H06', 'no host', 'GET /test/nothing HTTP/1.1\r\nConnection: close\r\n\r\n', 400, 'bad_request'],
] as const;

describe(verifies('AP-10', 'FR-6', 'connections that misbehave'), () => {
  let api: ApiUnderTest;

  beforeAll(async () => {
    api = await startApiUnderTest({ variables: { SERVER_READ_TIMEOUT: '2s' } });
  });
  afterAll(async () => api.close());

  it.each(RAW_CASES)('%s %s', async (...[, , bytes, status, code]) => {
    const answer = await sendBytes(api.port, bytes);
    expect(answer.status).toBe(status);
    expect(answer.headers).toMatchObject({
      'content-type': 'application/problem+json; charset=utf-8',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    });
    const problem = JSON.parse(answer.body);
    expect(problem).toMatchObject({ status, code, correlationId: answer.headers['x-correlation-id'] });
    expect(await api.lineOf(problem.correlationId)).toMatchObject({ code, status });
  });

  it('H06 101 headers: the rest is dropped or the request refused, never more taken', async () => {
    const answer = await sendBytes(
      api.port,
      `GET /test/nothing HTTP/1.1\r\n${HOST}${many(101)}Connection: close\r\n\r\n`,
    );
    expect([200, 431]).toContain(answer.status);
  });

  it.each([
    ['slow headers', `GET /test/nothing HTTP/1.1\r\n${HOST}X-Slow: `, 1_000],
    [
      'a slow body',
      `POST /test/echo HTTP/1.1\r\n${HOST}Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{"te`,
      2_000,
    ],
  ])('H05 %s: 408 in time', async (_, bytes, limitMs) => {
    const started = performance.now();
    const hungUp = api.raw().split('"caller_hung_up"').length;
    const answer = await sendBytes(api.port, bytes);
    const { correlationId } = JSON.parse(answer.body);
    expect(await api.lineOf(correlationId)).toMatchObject({ status: 408, code: 'request_timeout' });
    expect(api.linesOf(correlationId)).toHaveLength(1);
    expect(api.raw().split('"caller_hung_up"')).toHaveLength(hungUp);
    expect([answer.status, JSON.parse(answer.body).code]).toEqual([408, 'request_timeout']);
    expect(performance.now() - started).toBeLessThan(limitMs + 600);
  });

  it('gives no caller the refusal of what came after his request on the same connection', async () => {
    const answer = await sendBytes(api.port, `GET /test/nothing HTTP/1.1\r\n${HOST}\r\nGARBAGE\r\n\r\n`);
    expect([0, 200]).toContain(answer.status);
  });

  it.each([
    [
      'in the middle of a body',
      `POST /test/echo HTTP/1.1\r\n${HOST}Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{"te`,
    ],
    [
      'while the answer is being made',
      `GET /debug/pprof/profile?seconds=5 HTTP/1.1\r\n${HOST}Authorization: Bearer ${OPERATOR_TOKEN}\r\n\r\n`,
    ],
  ])('counts and logs who hangs up %s, once, and is left with no open request', async (_, bytes) => {
    const active = async (): Promise<string | undefined> =>
      /^http_requests_active (\d+)$/m.exec(await api.metrics.text())?.[1];
    const before = await active();
    const lines = api.raw().split('"caller_hung_up"').length;
    const socket = connect(api.port, '127.0.0.1').on('error', () => undefined);
    socket.write(bytes);
    await eventually(async () => expect(Number(await active())).toBe(Number(before) + 1));
    socket.resetAndDestroy();
    await eventually(async () => expect(await active()).toBe(before));
    await eventually(() => expect(api.raw().split('"caller_hung_up"').length).toBe(lines + 1));
  });

  it('goes on serving after all of them', async () => {
    expect((await send(api.port, { path: '/health/live' })).status).toBe(200);
  });
});

describe(verifies('FR-6', 'the time limits of production'), () => {
  it('answer 408 within 15 s for headers and 30 s for bodies', async () => {
    const api = await startApiUnderTest();
    try {
      const { headersTimeout, requestTimeout, timeout, maxHeadersCount } = api.app.getHttpServer();
      expect({ headersTimeout, requestTimeout, timeout, maxHeadersCount }).toEqual({
        headersTimeout: 14_500,
        requestTimeout: 29_500,
        timeout: 30_000,
        maxHeadersCount: 100,
      });
    } finally {
      await api.close();
    }
  });
});

describe('closing', () => {
  it.each([
    ['has said nothing', ''],
    ['has sent half the headers', 'GET /test/nothing HTTP/1.1\r\nHost:'],
    [
      'has sent half a body',
      `POST /test/echo HTTP/1.1\r\n${HOST}Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{"te`,
    ],
  ])('does not wait for a caller who %s', async (_, bytes) => {
    const api = await startApiUnderTest();
    const socket = connect(api.port, '127.0.0.1').on('error', () => undefined);
    await once(socket, 'connect');
    if (bytes !== '') socket.write(bytes);
    await send(api.port, { path: '/test/nothing' });
    const started = performance.now();
    await api.close();
    expect(performance.now() - started).toBeLessThan(1_000);
    socket.destroy();
  });

  it('lets a whole request finish and answers it', async () => {
    const api = await startApiUnderTest();
    const headers = { authorization: `Bearer ${OPERATOR_TOKEN}` };
    const answer = send(api.port, { path: '/debug/pprof/profile?seconds=1', headers });
    await eventually(async () => expect(await api.metrics.text()).toMatch(/^http_requests_active 1$/m));
    await api.close();
    expect((await answer).status).toBe(200);
  });
});

describe('an event loop that is behind', () => {
  it('answers 503 to new work, never to health, and recovers', async () => {
    let now = 0;
    let tick = (): void => undefined;
    const lagTimer = {
      now: () => now,
      every: (_ms: number, callback: () => void) => {
        tick = callback;
        return () => undefined;
      },
    };
    const api = await startApiUnderTest({ lagTimer });
    try {
      expect((await send(api.port, { path: '/test/nothing' })).status).toBe(200);
      now += 500 + 1_600; // a tick that comes 1.6 s late
      tick();
      const refused = await send(api.port, { path: '/test/nothing' });
      expect([refused.status, JSON.parse(refused.body).code, refused.headers['retry-after']]).toEqual([
        503,
        'overloaded',
        '1',
      ]);
      expect((await send(api.port, { path: '/health/live' })).status).toBe(200);
      expect((await send(api.port, { path: '/health' })).status).toBe(200);
      now += 500;
      tick();
      expect((await send(api.port, { path: '/test/nothing' })).status).toBe(200);
    } finally {
      await api.close();
    }
  });
});
