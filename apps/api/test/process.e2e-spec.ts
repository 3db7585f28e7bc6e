import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { constants, getPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually, testStores, verifies } from '@flowmate/testing';

const DIST = join(import.meta.dirname, '..', '..', '..', 'dist', 'apps');
const READY = /"port":(\d+),"msg":"(?:api|worker) ready/;

interface Started {
  readonly child: ChildProcess;
  output(): string;
  port(): Promise<number>;
  exit(): Promise<number | null>;
}

/** The compiled process itself, as an operator starts it. */
function start(app: 'api' | 'worker', cwd: string, variables: Record<string, string>): Started {
  const env = { PATH: process.env['PATH'], PORT: '0', METRICS_PORT: '0', WORKER_PORT: '0', ...variables };
  const child = spawn(process.execPath, [join(DIST, app, 'src', 'main.js')], { cwd, env });
  let output = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  child.stderr.on('data', (chunk) => (output += chunk));
  const ended = once(child, 'exit');
  return {
    child,
    output: () => output,
    port: async () =>
      Number(await eventually(() => READY.exec(output)?.[1] ?? Promise.reject(new Error(output)), 10_000)),
    exit: async () => (await ended)[0] as number | null,
  };
}

describe('the processes', () => {
  const home = mkdtempSync(join(tmpdir(), 'flowmate-process-'));
  const started: Started[] = [];
  const run = (app: 'api' | 'worker', variables: Record<string, string> = {}): Started => {
    const process = start(app, home, variables);
    started.push(process);
    return process;
  };

  afterAll(async () => {
    for (const { child } of started) child.kill('SIGKILL');
    await Promise.all(started.map(({ exit }) => exit()));
    rmSync(home, { recursive: true });
  });

  describe(verifies('FM-72', 'FM-61', 'configuration (cases T19 and H02)'), () => {
    it('in production without secrets ends the api with 78 and a list of names', async () => {
      const api = run('api', { NODE_ENV: 'production' });
      expect(await api.exit()).toBe(78);
      expect(api.output()).toContain('JWT_SECRET: is required in production');
      expect(api.output()).toContain('REFRESH_SECRET: is required in production');
      expect(api.output()).toContain('INTEGRATION_ENC_KEY: is required in production');
    });

    it('that is wrong ends it with 78, names every setting and shows no value', async () => {
      const api = run('api', { ALLOWED_ORIGINS: '*', JWT_SECRET: 'canary-too-short', LOG_LEVEL: 'canary-loud' });
      expect(await api.exit()).toBe(78);
      for (const name of ['ALLOWED_ORIGINS', 'JWT_SECRET', 'LOG_LEVEL']) expect(api.output()).toContain(`${name}: `);
      expect(api.output()).not.toContain('canary');
    });

    it('of the api alone does not keep the worker from starting', async () => {
      const worker = run('worker', { JWT_SECRET: 'short' });
      expect(await worker.port()).toBeGreaterThan(0);
    });
  });

  it('gives an operator a snapshot of its heap', async () => {
    const token = randomBytes(24).toString('hex');
    const api = run('api', { METRICS_TOKEN: token });
    const answer = await fetch(`http://127.0.0.1:${await api.port()}/debug/pprof/heap`, {
      headers: { authorization: `Bearer ${token}` },
    });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-disposition')).toContain('.heapsnapshot');
    expect((await answer.text()).slice(0, 200)).toContain('snapshot');
  });

  describe('production', () => {
    const secrets = Object.fromEntries(
      ['JWT_SECRET', 'REFRESH_SECRET', 'INTEGRATION_ENC_KEY'].map((name) => [name, randomBytes(32).toString('hex')]),
    );
    const addresses = { MONGODB_URI: 'mongodb://127.0.0.1:1', REDIS_URL: 'redis://127.0.0.1:1' };
    const mail = {
      SMTP_URL: 'smtp://127.0.0.1:1',
      RESEND_FROM_EMAIL: 'mail@example.com',
      PUBLIC_APP_URL: 'https://flowmate.example.com',
    };
    const model = { OPENAI_KEY: 'no-such-key' };
    const common = { NODE_ENV: 'production', SERVER_HOST: '127.0.0.1' };
    const production = { ...common, ...secrets, ...addresses, ...mail, ...model };

    it.each(['api', 'worker'] as const)('without a way out for mail ends the %s with 78', async (app) => {
      const process = run(app, { ...production, SMTP_URL: '' });
      expect(await process.exit()).toBe(78);
      expect(process.output()).toContain('RESEND_API_KEY: or SMTP_URL is required in production');
    });

    it.each(['api', 'worker'] as const)('on the store of npm start ends the %s with 78 and says why', async (app) => {
      const { mongoUri } = testStores();
      const process = run(app, { ...production, MONGODB_URI: mongoUri });
      expect(await process.exit()).toBe(78);
      expect(process.output()).toContain('MONGODB_URI: names the embedded store');
      expect(process.output()).not.toContain(new URL(mongoUri).password);
    });

    it('with an address of no database ends with 78 and does not show it', async () => {
      const api = run('api', { ...production, MONGODB_URI: 'mongodb://user:canary@host:70000/x' });
      expect(await api.exit()).toBe(78);
      expect(api.output()).toContain('MONGODB_URI: is no address that the MongoDB driver understands');
      expect(api.output()).not.toContain('canary');
    });

    it.each(['api', 'worker'] as const)(
      'with an address of no Redis ends the %s with 78 and does not show it',
      async (app) => {
        const process = run(app, { ...production, REDIS_URL: 'redis://:parrot%zz@127.0.0.1:1' });
        expect(await process.exit()).toBe(78);
        expect(process.output()).toContain('REDIS_URL: ');
        expect(process.output()).not.toContain('parrot');
      },
    );

    it('starts while its database is down, lives, is not ready, and says why', async () => {
      const api = run('api', { ...production, MONGODB_URI: 'mongodb://user:parrot@127.0.0.1:1' });
      const url = `http://127.0.0.1:${await api.port()}`;
      await eventually(() => expect(api.output()).toContain('mongodb is down'), 10_000);
      expect((await fetch(`${url}/health/ready`)).status).toBe(503);
      expect((await fetch(`${url}/health/live`)).status).toBe(200);
      expect(api.output()).not.toContain('parrot');
    }, 15_000);
  });

  describe(verifies('FS-9', 'FR-18', 'the worker'), () => {
    it('serves health and metrics on its own port', async () => {
      const port = await run('worker').port();
      const health = await fetch(`http://127.0.0.1:${port}/health`);
      expect(await health.json()).toMatchObject({ status: 'healthy', service: 'flowmate-worker' });
      const metrics = await fetch(`http://127.0.0.1:${port}/metrics`);
      expect(await metrics.text()).toContain('process_cpu_user_seconds_total');
    });

    it('lets the api and the stores of the same machine go first', async () => {
      const [worker, api] = [run('worker'), run('api')];
      await Promise.all([worker.port(), api.port()]);
      const lower = Math.max(getPriority(), constants.priority.PRIORITY_BELOW_NORMAL);
      expect([worker, api].map(({ child }) => getPriority(child.pid))).toEqual([lower, getPriority()]);
    });
  });

  describe.each(['api', 'worker'] as const)('the %s', (app) => {
    it.each(['SIGTERM', 'SIGINT'] as const)('ends in order and with 0 on %s', async (signal) => {
      const process = run(app);
      await process.port();
      process.child.kill(signal);
      expect(await process.exit()).toBe(0);
      expect(process.output()).toContain(`"msg":"${app} stopped"`);
    });

    it.each(app === 'api' ? ['PORT', 'METRICS_PORT'] : ['WORKER_PORT'])('says that %s is taken', async (setting) => {
      const squatter = createServer().listen(0, '127.0.0.1');
      await once(squatter, 'listening');
      const { port } = squatter.address() as { port: number };
      const process = run(app, { [setting]: String(port) });
      expect(await process.exit()).toBe(1);
      expect(process.output()).toContain(`Port ${port} is in use`);
      expect(process.output()).toContain(`${setting}=`);
      squatter.close();
    });
  });

  it('make their development secrets once and find them again', async () => {
    const first = run('api');
    await first.port();
    expect(first.output()).not.toMatch(/[0-9a-f]{64}/);
    const second = run('api');
    await second.port();
    expect(second.output()).not.toContain('made development secrets');
  });

  describe(verifies('FS-12', 'traces'), () => {
    it('to a collector that is down cost nothing: requests are answered and the process ends with 0', async () => {
      const api = run('api', { OTEL_ENABLED: 'true', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9/v1/traces' });
      const port = await api.port();
      for (let count = 0; count < 20; count += 1)
        expect((await fetch(`http://127.0.0.1:${port}/api/v1`)).status).toBe(200);
      api.child.kill('SIGTERM');
      expect(await api.exit()).toBe(0);
    });

    it('join the caller’s trace and reach a collector that is up', async () => {
      const bodies: string[] = [];
      const { createServer: createHttp } = await import('node:http');
      const collector = createHttp((request, response) => {
        request.on('data', (chunk) => bodies.push(String(chunk)));
        request.on('end', () => response.end('{}'));
      }).listen(0, '127.0.0.1');
      await once(collector, 'listening');
      const endpoint = `http://127.0.0.1:${(collector.address() as { port: number }).port}/v1/traces`;
      const api = run('api', { OTEL_ENABLED: 'true', OTEL_EXPORTER_OTLP_ENDPOINT: endpoint });
      const port = await api.port();
      const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
      await fetch(`http://127.0.0.1:${port}/api/v1`, { headers: { traceparent: `00-${traceId}-00f067aa0ba902b7-01` } });
      api.child.kill('SIGTERM');
      expect(await api.exit()).toBe(0);
      expect(bodies.join('')).toContain(traceId);
      expect(bodies.join('')).toContain('/api/v1');
      collector.close();
    });
  });

  it('end when their supervisor is gone', async () => {
    const env = { PATH: process.env['PATH'], PORT: '0', METRICS_PORT: '0' };
    const child = spawn(process.execPath, [join(DIST, 'api', 'src', 'main.js')], {
      cwd: home,
      env,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    let output = '';
    child.stdout?.on('data', (chunk) => (output += chunk));
    await eventually(() => expect(output).toMatch(READY), 10_000);
    const ended = once(child, 'exit');
    child.disconnect();
    expect((await ended)[0]).toBe(0);
  });
});
