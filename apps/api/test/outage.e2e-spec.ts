import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { eventually, verifies } from '@flowmate/testing';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const PASSWORD = 'outage-password';
/** What is promised: red within 15 s, green within 10 s of the return, no answer later than 2.5 s. */
const RED_MS = 15_000;
const GREEN_MS = 10_000;
const ANSWER_MS = 2_500;

const READY = ['/health/ready', '/ready', '/api/ready', '/api/health'];

describe(verifies('U-1', 'R25', 'the processes without their stores'), () => {
  const home = mkdtempSync(join(tmpdir(), 'flowmate-outage-'));
  const children: ChildProcess[] = [];
  let mongo: ChildProcess;
  let redis: ChildProcess;
  let origins: string[];

  const start = (args: readonly string[], variables: Record<string, string>): ChildProcess => {
    const env = { PATH: process.env['PATH'], ...variables };
    const child = spawn(process.execPath, args, { cwd: home, env, stdio: ['ignore', 'pipe', 'ignore'] });
    children.push(child);
    return child;
  };

  /** The first line that says where it listens; the others are read, or the process would stop at them. */
  const portOf = (child: ChildProcess, pattern: RegExp): Promise<number> =>
    new Promise((resolve, reject) => {
      child.once('exit', (code) => reject(new Error(`ended with ${code}`)));
      createInterface(child.stdout!).on('line', (line) => {
        const [, port] = pattern.exec(line) ?? [];
        if (port) resolve(Number(port));
      });
    });

  /** Without a supervisor, which would mend at once what is broken here. */
  const store = async (kind: 'mongo' | 'redis'): Promise<[ChildProcess, number]> => {
    const entry = join(ROOT, 'tools/embedded', kind, 'main.ts');
    const args = ['--disable-warning=ExperimentalWarning', entry, '--data', join(home, kind), '--port', '0'];
    const child = start(args, { FLOWMATE_EMBEDDED_PASSWORD: PASSWORD });
    return [child, await portOf(child, /"listening":\{"port":(\d+)/)];
  };

  const app = async (name: 'api' | 'worker', stores: Record<string, string>): Promise<string> => {
    const ports = { PORT: '0', METRICS_PORT: '0', WORKER_PORT: '0' };
    const child = start([join(ROOT, 'dist/apps', name, 'src/main.js')], { ...ports, ...stores });
    return `http://127.0.0.1:${await portOf(child, /"port":(\d+),"msg":"(?:api|worker) ready/)}`;
  };

  /** The same status under every name, on both processes, and the process alive whatever is missing. */
  const all = async (status: number, body: object, withinMs: number): Promise<void> => {
    await eventually(async () => {
      for (const origin of origins) {
        for (const path of READY) {
          const asked = performance.now();
          const answer = await fetch(origin + path);
          expect(performance.now() - asked).toBeLessThan(ANSWER_MS);
          expect([path, answer.status]).toEqual([path, status]);
          expect(await answer.json()).toMatchObject(body);
        }
        expect((await fetch(`${origin}/health/live`)).status).toBe(200);
      }
    }, withinMs);
  };

  beforeAll(async () => {
    const [[mongoServer, mongoPort], [redisServer, redisPort]] = await Promise.all([store('mongo'), store('redis')]);
    [mongo, redis] = [mongoServer, redisServer];
    const stores = {
      MONGODB_URI: `mongodb://flowmate:${PASSWORD}@127.0.0.1:${mongoPort}/outage?authSource=admin&directConnection=true`,
      REDIS_URL: `redis://:${PASSWORD}@127.0.0.1:${redisPort}`,
    };
    origins = await Promise.all([app('api', stores), app('worker', stores)]);
  }, 20_000);

  afterAll(async () => {
    for (const child of children) child.kill('SIGKILL');
    await Promise.all(children.map((child) => (child.exitCode ?? child.signalCode) !== null || once(child, 'exit')));
    rmSync(home, { recursive: true, force: true });
  });

  it('are ready with both, degraded without Redis, not ready without MongoDB, and come back', async () => {
    await all(200, { status: 'ready', components: { mongodb: { status: 'up' }, redis: { status: 'up' } } }, GREEN_MS);
    // Both swallow every byte from here on and close nothing: the worst way to be gone.
    redis.kill('SIGSTOP');
    await all(
      200,
      { status: 'degraded', components: { mongodb: { status: 'up' }, redis: { status: 'down' } } },
      RED_MS,
    );
    mongo.kill('SIGSTOP');
    await all(503, { code: 'not_ready', components: { mongodb: { status: 'down' } } }, RED_MS);
    redis.kill('SIGCONT');
    mongo.kill('SIGCONT');
    await all(200, { status: 'ready', components: { mongodb: { status: 'up' }, redis: { status: 'up' } } }, GREEN_MS);
  }, 60_000);
});
