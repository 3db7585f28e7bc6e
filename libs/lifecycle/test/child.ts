import { createServer } from 'node:http';
import { writeSync } from 'node:fs';
import { runProcess, stopInOrder, type ProcessLog } from '@flowmate/lifecycle';

const STDOUT = 1;
const say = (event: string, rest: object = {}): void =>
  void writeSync(STDOUT, `${JSON.stringify({ event, ...rest })}\n`);

const log: ProcessLog = {
  info: (message, fields) => say('info', { message, ...fields }),
  fatal: (message, error, fields) =>
    say('fatal', { message, error: error instanceof Error ? error.message : error, ...fields }),
  flush: () => Promise.resolve(mode !== 'log-stuck'),
};

const forever = (): Promise<void> => new Promise(() => undefined);
const [mode = '', argument = ''] = process.argv.slice(2);

async function start() {
  if (mode === 'start-fails') throw Object.assign(new Error('Two problems:\n  A: bad\n  B: worse'), { exitCode: 78 });
  const server = createServer((_request, response) => response.end());
  const port = mode === 'port-taken' ? Number(argument) : 0;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', resolve);
  });
  if (mode === 'throws' || mode === 'throws-and-hangs')
    setImmediate(() => {
      throw new Error('nobody caught this');
    });
  if (mode === 'rejects') void Promise.reject(new Error('nobody awaited this'));
  return stopInOrder([
    { name: 'server', stop: () => new Promise<void>((resolve) => server.close(() => resolve())) },
    { name: 'queue', stop: mode.endsWith('hangs') ? forever : async () => say('queue stopped') },
  ]);
}

await runProcess({
  name: 'api',
  start,
  log,
  shutdownTimeoutMs: Number(argument) || 5_000,
  settingOfPort: () => 'METRICS_PORT',
});
