import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { stripVTControlCharacters } from 'node:util';

interface Ready {
  readonly mongoUri?: string;
  readonly redisUrl?: string;
}

/** What the embedded MongoDB says when a query looked through many documents because no index served it. */
const SCAN = /found no index that helps/;

/** The embedded stores, once for a whole run of the tests. */
export class SharedStores {
  private readonly folder = mkdtempSync(join(tmpdir(), 'flowmate-stores-'));
  private readonly lines: string[] = [];
  private readonly child: ChildProcess;

  constructor() {
    const quiet = '--disable-warning=ExperimentalWarning';
    const args = [quiet, 'tools/embedded/main.ts', '--json', '--data', this.folder];
    // The channel closes when this process ends in any way, and then the stores end by themselves.
    this.child = spawn(process.execPath, args, {
      cwd: join(__dirname, '..', '..'),
      env: { ...process.env, FLOWMATE_EMBEDDED_STORES: 'embedded' },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    createInterface(this.child.stderr!).on('line', (line) => this.lines.push(stripVTControlCharacters(line)));
  }

  ready(): Promise<Ready> {
    return new Promise((resolve, reject) => {
      this.child.once('exit', (code) =>
        reject(new Error([`The stores ended with ${code}.`, ...this.lines].join('\n'))),
      );
      createInterface(this.child.stdout!).on('line', (line) => {
        const { ready } = JSON.parse(line) as { ready?: Ready };
        if (ready) resolve(ready);
      });
    });
  }

  /** Queries of ours that no index served; tests of the embedded MongoDB itself use servers of their own. */
  get scans(): string[] {
    return this.lines.filter((line) => SCAN.test(line));
  }

  async stop(): Promise<void> {
    const gone = once(this.child, 'exit');
    if (this.child.exitCode === null && this.child.kill('SIGTERM')) await gone;
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Jest loads the start and the stop of a run apart from each other; this is where they meet. */
export interface Running {
  flowmateStores?: SharedStores;
}
const running = globalThis as Running;

/** Before the files of a project that has stores; the first project starts them for all. */
// oxlint-disable-next-line import/no-default-export -- Jest asks for it
export default async function start(): Promise<void> {
  if (running.flowmateStores) return;
  const stores = new SharedStores();
  running.flowmateStores = stores;
  const { mongoUri, redisUrl } = await stores.ready();
  const { MONGODB_URI, REDIS_URL } = process.env;
  process.env['FLOWMATE_TEST_MONGODB_URI'] = MONGODB_URI || mongoUri;
  if (MONGODB_URI) process.env['FLOWMATE_TEST_REAL_MONGODB_URI'] = MONGODB_URI;
  process.env['FLOWMATE_TEST_REDIS_URL'] = REDIS_URL || redisUrl;
  // What the tests start themselves is told its stores by the tests.
  delete process.env['MONGODB_URI'];
  delete process.env['REDIS_URL'];
}
