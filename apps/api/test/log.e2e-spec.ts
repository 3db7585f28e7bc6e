import { verifies } from '@flowmate/testing';
import { startApiUnderTest, type ApiUnderTest } from './harness/api-under-test.js';
import { send, sendBytes } from './harness/send.js';

describe(verifies('FM-76', 'FM-77', 'FR-24', 'the log of a request'), () => {
  let api: ApiUnderTest;

  beforeAll(async () => {
    api = await startApiUnderTest();
  });
  afterAll(async () => api.close());

  it('is one JSON line with who, what, how and how long', async () => {
    await send(api.port, { path: '/test/echo?a=1', headers: { 'x-correlation-id': 'a-good-id-1' } });
    expect(await api.lineOf('a-good-id-1')).toEqual(
      expect.objectContaining({
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/),
        level: 'info',
        msg: 'request',
        service: 'flowmate-api',
        correlationId: 'a-good-id-1',
        method: 'GET',
        path: '/test/echo',
        route: '/test/echo',
        status: 200,
        duration_ms: expect.any(Number),
      }),
    );
  });

  it.each([
    ['/test/nothing', 'info'],
    ['/test/closed', 'info'],
    ['/test/unknown', 'info'],
    ['/test/fail/error', 'error'],
  ])('has for %s the level %s', async (path, level) => {
    const { headers } = await send(api.port, { path });
    expect(await api.lineOf(String(headers['x-correlation-id']))).toMatchObject({ level, path });
  });

  it('has the stack of what nobody foresaw, without the secrets in its text', async () => {
    const { headers, body } = await send(api.port, { path: '/test/fail/error' });
    const line = await api.lineOf(String(headers['x-correlation-id']));
    expect(JSON.stringify(line['error'])).toContain('echo.module');
    expect(JSON.stringify(line)).not.toContain('hunter2hunter2');
    expect(body).not.toContain('echo.module');
  });

  it.each([
    ['a newline in the path', '/test/%0a{"level":"error"}%0d'],
    ['terminal control in the path', '/test/%1b[2J'],
    ['a line separator in the path', '/test/%e2%80%a8x'],
  ])('stays one line with %s (case K01)', async (_, path) => {
    const { headers } = await send(api.port, { path });
    const id = String(headers['x-correlation-id']);
    await api.lineOf(id);
    const lines = api
      .raw()
      .split('\n')
      .filter((line) => line.includes(id));
    expect(lines).toHaveLength(1);
    // oxlint-disable-next-line no-control-regex -- that none is there is the point
    expect(lines[0]).not.toMatch(/[\u0000-\u001f\u007f\u2028]/);
  });

  it('takes no line from header values', async () => {
    const before = api.raw().split('\n').length;
    await sendBytes(
      api.port,
      'GET /test/nothing HTTP/1.1\r\nHost: x\r\nUser-Agent: a\u0085b\u001b[31m\r\nConnection: close\r\n\r\n',
    );
    expect(api.raw().split('\n').length - before).toBe(1);
  });

  it('is not written for health that is well', async () => {
    const { headers } = await send(api.port, { path: '/health/live' });
    await send(api.port, { path: '/test/nothing', headers: { 'x-correlation-id': 'after-health-1' } });
    await api.lineOf('after-health-1');
    expect(api.linesOf(String(headers['x-correlation-id']))).toEqual([]);
  });

  it('stays short while thousands of requests fail, and every caller is answered (case K05)', async () => {
    const before = api.raw().length;
    const started = performance.now();
    for (let round = 0; round < 20; round++) {
      const answers = await Promise.all(Array.from({ length: 50 }, () => send(api.port, { path: '/test/fail/error' })));
      expect(answers.every(({ status }) => status === 500)).toBe(true);
    }
    const stacks = api.raw().slice(before).split('"stack"').length - 1;
    const seconds = (performance.now() - started) / 1_000;
    expect(stacks).toBeLessThanOrEqual(20 * Math.ceil(seconds + 1));
  }, 30_000);
});

describe('hostile text of 50,000 characters (case Z21)', () => {
  it.each([
    [
      'a body field',
      {
        method: 'POST',
        path: '/test/echo',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ text: 'x', slug: `${'a-'.repeat(25_000)}!` }),
      },
    ],
    [
      'a field name',
      {
        method: 'POST',
        path: '/test/echo',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ text: 'x', ['a.'.repeat(25_000)]: 1 }),
      },
    ],
    ['a query parameter', { path: `/test/echo?a=${'%0a'.repeat(4_000)}` }],
    ['a correlation id', { path: '/test/nothing', headers: { 'x-correlation-id': 'a-'.repeat(5_000) } }],
    ['a path', { path: `/test/${'a/'.repeat(5_000)}` }],
  ])('in %s is answered within 50 ms of being read', async (_, sent) => {
    const api = await startApiUnderTest();
    try {
      await send(api.port, sent);
      const { headers } = await send(api.port, sent);
      const line = await api.lineOf(String(headers['x-correlation-id']));
      expect(Number(line['duration_ms'])).toBeLessThan(50);
    } finally {
      await api.close();
    }
  });
});
