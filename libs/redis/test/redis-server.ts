import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '@flowmate/testing';

export type RedisKind = 'redis-server' | 'embedded';
export const REDIS_KINDS: readonly RedisKind[] = ['redis-server', 'embedded'];

const EMBEDDED = join(__dirname, '..', '..', '..', 'tools', 'embedded', 'redis', 'main.ts');
const PASSWORD = 'correct-horse';

/** A Redis of a test's own, on one port and one folder, to be ended and started again. */
export class RedisServer {
  private readonly folder = mkdtempSync(join(tmpdir(), 'flowmate-redis-'));
  private child: ChildProcess | undefined;
  private port = 0;

  constructor(private readonly kind: RedisKind) {}

  /** Takes a port, so that there is an address before anything listens there. */
  async reserve(): Promise<void> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    this.port = (server.address() as AddressInfo).port;
    server.close();
    await once(server, 'close');
  }

  url(password = PASSWORD): string {
    return `redis://:${password}@127.0.0.1:${this.port}`;
  }

  /** `settings` are for redis-server: the embedded one decides for itself. */
  async start(settings: readonly string[] = []): Promise<void> {
    if (this.port === 0) await this.reserve();
    this.child = this.kind === 'redis-server' ? this.spawnReal(settings) : this.spawnEmbedded();
    await eventually(async () => {
      const socket = connect(this.port, '127.0.0.1');
      await once(socket, 'connect');
      socket.destroy();
    }, 10_000);
  }

  async end(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const { child } = this;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
  }

  /** Holds it up (SIGSTOP) and lets it go on (SIGCONT). */
  signal(signal: NodeJS.Signals): void {
    this.child?.kill(signal);
  }

  async dispose(): Promise<void> {
    await this.end();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private spawnReal(settings: readonly string[]): ChildProcess {
    const own = ['--port', `${this.port}`, '--bind', '127.0.0.1', '--dir', this.folder, '--requirepass', PASSWORD];
    const durable = ['--save', '', '--appendonly', 'yes', '--appendfsync', 'everysec'];
    return spawn('redis-server', [...own, ...durable, ...settings], { stdio: 'ignore' });
  }

  private spawnEmbedded(): ChildProcess {
    const args = ['--disable-warning=ExperimentalWarning', EMBEDDED, '--data', this.folder, '--port', `${this.port}`];
    return spawn(process.execPath, [...args, '--snapshot-seconds', '1'], {
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      env: { PATH: process.env['PATH'], FLOWMATE_EMBEDDED_PASSWORD: PASSWORD },
    });
  }
}
