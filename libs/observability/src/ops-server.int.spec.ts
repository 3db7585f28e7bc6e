import { connect } from 'node:net';
import { once } from 'node:events';
import { eventually, verifies } from '@flowmate/testing';
import { HttpMetrics } from './metrics/http-metrics.js';
import { Metrics } from './metrics/metrics.js';
import { OpsServer } from './ops-server.js';

const open = new Set<OpsServer>();

async function serve(metrics?: Metrics): Promise<{ server: OpsServer; url: string; port: number }> {
  const server = new OpsServer({ host: '127.0.0.1', port: 0, service: 'worker', version: '1.2.3', metrics });
  open.add(server);
  const { host, port } = await server.listen();
  return { server, url: `http://${host}:${port}`, port };
}

afterEach(async () => {
  await Promise.all([...open].map((server) => server.close()));
  open.clear();
});

describe(verifies('FS-9', 'FR-18', 'U-2', 'operations port'), () => {
  it.each(['/health', '/health/live', '/health?verbose=1'])('answers %s', async (path) => {
    const { url } = await serve();
    const response = await fetch(url + path);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(await response.json()).toEqual({
      status: 'healthy',
      service: 'worker',
      version: '1.2.3',
      uptimeSeconds: expect.any(Number),
    });
  });

  it('serves the metrics as Prometheus reads them', async () => {
    const metrics = new Metrics();
    new HttpMetrics(metrics).started();
    const { url } = await serve(metrics);
    const answers = await Promise.all([1, 2, 3].map(() => fetch(`${url}/metrics`)));
    for (const answer of answers) {
      expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
      expect(await answer.text()).toMatch(/^http_requests_active 1$/m);
    }
  });

  it('has no metrics when they are switched off', async () => {
    const { url } = await serve();
    expect((await fetch(`${url}/metrics`)).status).toBe(404);
  });

  it('is not alive when only a new process would help, and says why', async () => {
    let fault: string | undefined;
    const liveness = { fault: () => fault };
    const server = new OpsServer({ host: '127.0.0.1', port: 0, service: 'worker', version: '1.2.3', liveness });
    open.add(server);
    const url = `http://127.0.0.1:${(await server.listen()).port}`;
    expect((await fetch(`${url}/health/live`)).status).toBe(200);
    fault = 'consumer_wedged';
    const answers = await Promise.all(['/health', '/health/live'].map((path) => fetch(url + path)));
    for (const answer of answers) {
      expect([answer.status, await answer.json()]).toEqual([503, expect.objectContaining({ code: fault })]);
    }
  });

  describe('with something to be ready for', () => {
    const READY = ['/health/ready', '/ready', '/api/ready', '/api/health'];
    const components = { redis: { status: 'down' } };
    let isReady: boolean;
    let url: string;

    beforeEach(async () => {
      const ready = () => ({ isReady, body: { status: isReady ? 'degraded' : 'not_ready', components } });
      const readiness = { ready, details: () => ({ components: { redis: { failures: 3 } } }) };
      const server = new OpsServer({ host: '127.0.0.1', port: 0, service: 'worker', version: '1.2.3', readiness });
      open.add(server);
      url = `http://127.0.0.1:${(await server.listen()).port}`;
    });

    it.each(READY)('answers %s', async (path) => {
      isReady = true;
      const green = await fetch(url + path);
      expect([green.status, await green.json()]).toEqual([200, { status: 'degraded', components }]);
      isReady = false;
      const red = await fetch(url + path);
      expect(red.status).toBe(503);
      expect(red.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
      expect(red.headers.get('retry-after')).toBe('5');
      expect(await red.json()).toMatchObject({ code: 'not_ready', components });
    });

    it('tells details, and stays alive whatever is missing', async () => {
      isReady = false;
      expect(await (await fetch(`${url}/health/details`)).json()).toEqual({ components: { redis: { failures: 3 } } });
      expect((await fetch(`${url}/health/live`)).status).toBe(200);
    });

    it.each([...READY, '/health/details'])('has no %s where nothing can be missing', async (path) => {
      const { url: bare } = await serve();
      expect((await fetch(bare + path)).status).toBe(404);
    });
  });

  it('answers problems for anything else', async () => {
    const { url } = await serve(new Metrics());
    const missing = await fetch(`${url}/admin`);
    expect(missing.status).toBe(404);
    expect(missing.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    expect(await missing.json()).toMatchObject({ status: 404, code: 'not_found' });
    const wrong = await fetch(`${url}/metrics`, { method: 'POST', body: 'x'.repeat(100_000) });
    expect(wrong.status).toBe(405);
    expect(wrong.headers.get('allow')).toBe('GET, HEAD');
    expect(wrong.headers.get('connection')).toBe('close');
    expect((await fetch(`${url}/health`, { method: 'HEAD' })).status).toBe(200);
  });

  it('outlives a metric that fails', async () => {
    const metrics = new Metrics();
    let broken = true;
    metrics.gauge('sometimes', 'Sometimes.', () => {
      if (broken) throw new Error('canary');
      return 1;
    });
    const { url } = await serve(metrics);
    const failed = await fetch(`${url}/metrics`);
    expect(failed.status).toBe(500);
    expect(await failed.text()).not.toContain('canary');
    broken = false;
    expect((await fetch(`${url}/metrics`)).status).toBe(200);
  });

  it('refuses to share a port, with an error that names it', async () => {
    const { port } = await serve();
    const second = new OpsServer({ host: '127.0.0.1', port, service: 'worker', version: '1' });
    await expect(second.listen()).rejects.toMatchObject({ code: 'EADDRINUSE', port });
  });

  it('closes at once, also while somebody is connected and silent', async () => {
    const { server, port } = await serve();
    const socket = connect(port, '127.0.0.1').on('error', () => undefined);
    await once(socket, 'connect');
    socket.write('GET /health HTTP/1.1\r\n');
    const started = performance.now();
    await server.close();
    expect(performance.now() - started).toBeLessThan(2_000);
    await eventually(() => expect(socket.destroyed).toBe(true));
    await server.close();
  });
});
