import { mkdirSync, readdirSync, statSync, truncateSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Child } from './child.js';
import { freePort } from './ports.js';

const PASSWORD = 'chaos-redis-password';
const LOOK_MS = 20;
const START_LIMIT_MS = 10_000;

/** Debian's Redis on one port and one folder, to be killed and started again. */
export class RedisServer {
  private child: Child | undefined;

  private constructor(
    private readonly log: string,
    private readonly folder: string,
    private readonly port: number,
  ) {}

  /** What it writes besides its data is for whoever looks why something failed. */
  static async make(log: string, folder: string): Promise<RedisServer> {
    mkdirSync(folder, { recursive: true });
    const server = new RedisServer(log, folder, await freePort());
    await server.start();
    return server;
  }

  get url(): string {
    return `redis://:${PASSWORD}@127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    const own = ['--port', `${this.port}`, '--bind', '127.0.0.1', '--dir', this.folder];
    const durable = ['--requirepass', PASSWORD, '--save', '', '--appendonly', 'yes', '--appendfsync', 'everysec'];
    this.child = await Child.start({
      name: 'redis',
      command: ['redis-server', ...own, ...durable],
      log: this.log,
      isReady: ({ text }) => String(text).includes('Ready to accept connections'),
    });
  }

  async kill(): Promise<void> {
    await this.child?.end('SIGKILL');
  }

  /** A command, in Redis's own words. */
  async send(...words: readonly string[]): Promise<string> {
    const socket = connect(this.port, '127.0.0.1');
    const wire = (all: readonly string[]): string =>
      `*${all.length}\r\n${all.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`;
    let answer = '';
    socket.on('data', (bytes) => void (answer += bytes.toString()));
    socket.write(wire(['AUTH', PASSWORD]) + wire(words));
    const deadline = performance.now() + START_LIMIT_MS;
    while (answer.split('\r\n').length < LINES && performance.now() < deadline) await delay(LOOK_MS);
    socket.destroy();
    return answer.slice(answer.indexOf('\r\n') + 2);
  }

  /** What a failover loses: the last bytes of the log of commands. Only while it is down. */
  cutLog(bytes: number): number {
    const folder = join(this.folder, 'appendonlydir');
    const file = readdirSync(folder).find((name) => name.endsWith('.incr.aof'));
    if (file === undefined) return 0;
    const path = join(folder, file);
    const { size } = statSync(path);
    truncateSync(path, Math.max(0, size - bytes));
    return Math.min(size, bytes);
  }
}

/** The answer to the login, that of the command, and what is after the last line end. */
const LINES = 3;
