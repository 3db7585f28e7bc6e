import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { eventually } from '@flowmate/testing';
import { combined, digest, sourceDigests } from './content-hash.mjs';
import { processIdentity } from './process-identity.mjs';

/** Answers the health path, says its process, and stops when asked or when its launcher is gone. */
const SERVER = `
import { createServer } from 'node:http';
export function serve(variable, { stopsOn = ['SIGTERM', 'disconnect'] } = {}) {
  const server = createServer((request, response) => response.end('ok'));
  server.listen(Number(process.env[variable]), '127.0.0.1', () => console.log('listening as ' + process.pid + '.'));
  for (const event of ['SIGTERM', 'disconnect']) {
    process.on(event, () => stopsOn.includes(event) && setTimeout(() => process.exit(0), Number(process.env.STOP_MS ?? 0)));
  }
}`;

export const serving = (variable: string, more = ''): string =>
  `import { serve } from '../../../libs/fake/src/server.js';\nserve('${variable}');\n${more}`;

/** What `npm run build` and, for reloads, the Nest CLI do here: copy; a source with `BROKEN` does not build. */
const BUILD = `
import { cpSync, readFileSync, readdirSync } from 'node:fs';
for (const path of readdirSync('.', { recursive: true }).filter((name) => /^(apps|libs)\\/.*\\.ts$/.test(name))) {
  if (readFileSync(path, 'utf8').includes('BROKEN')) throw new Error('does not compile: ' + path);
  cpSync(path, 'dist/' + path.replace(/ts$/, 'js'));
}`;

/** Stands in for the embedded stores: says where they are, as they do, and ends when asked. */
export const STORES = `
process.send({ ready: { mongoUri: 'mongodb://user:hidden@127.0.0.1:1/fake', redisUrl: 'redis://:hidden@127.0.0.1:2',
  running: [{ title: 'embedded Mongo', port: 1 }, { title: 'embedded Redis', port: 2 }] } });
console.log('stores with ' + process.argv.slice(2).join(' ') + ', listening as ' + process.pid + '.');
for (const event of ['SIGTERM', 'disconnect']) process.on(event, () => process.exit(0));
setInterval(() => undefined, 1_000);`;

/** Stands in for the command line: says what it was asked and where the database is. */
export const cli = (exitCode: number): string =>
  `console.log('cli', process.argv.slice(2).join(' '), process.env.MONGODB_URI);\nprocess.exit(${exitCode});`;

const LIMITED = `
import { launch } from './launch.mjs';
import { CHILDREN, ROOT } from './project.mjs';
const limits = JSON.parse(process.env.LIMITS);
process.exit(await launch({ root: ROOT, argv: process.argv.slice(2), children: CHILDREN, limits }));`;

export interface FakeOptions {
  readonly api?: string;
  readonly worker?: string;
  /** Nothing: this project has none. */
  readonly stores?: string;
  /** Leaves out what a former start would have left behind. */
  readonly isFresh?: boolean;
}

export interface Started {
  readonly process: ChildProcess;
  output(): string;
  shows(text: string | RegExp): Promise<void>;
  exitCode(): Promise<number | null>;
  /** The processes that said they listen, oldest first. */
  pids(): number[];
}

/** A folder with the real launcher and small stand-ins for the apps, the build and the lock. */
export class FakeProject {
  readonly root = mkdtempSync(join(tmpdir(), 'flowmate-launcher-'));
  readonly #started: ChildProcess[] = [];

  constructor({ api = serving('PORT'), worker = serving('WORKER_PORT'), stores, isFresh = false }: FakeOptions = {}) {
    const lock = { name: 'fake', lockfileVersion: 3, requires: true, packages: { '': { name: 'fake' } } };
    const scripts = {
      build: `rm -rf dist && node build.mjs`,
      start: 'exec node tools/launcher/start.mjs',
    };
    this.write('package.json', JSON.stringify({ name: 'fake', version: '1.2.3', type: 'module', scripts }));
    this.write('package-lock.json', JSON.stringify(lock));
    this.write('build.mjs', BUILD);
    this.write('libs/fake/src/server.ts', SERVER);
    this.write('apps/api/src/main.ts', api);
    this.write('apps/worker/src/main.ts', worker);
    for (const name of readdirSync(import.meta.dirname).filter((file) => file.endsWith('.mjs'))) {
      cpSync(join(import.meta.dirname, name), join(this.root, 'tools/launcher', name));
    }
    this.write('tools/launcher/limited.mjs', LIMITED);
    if (stores) this.write('tools/embedded/main.ts', stores);
    this.write('node_modules/@nestjs/cli/bin/nest.js', BUILD);
    this.write('node_modules/@nestjs/package.json', '{"type":"module"}');
    if (!isFresh) this.#leaveTraces({ api, worker, lock: JSON.stringify(lock) });
  }

  #leaveTraces({ api, worker, lock }: { api: string; worker: string; lock: string }): void {
    this.write('dist/libs/fake/src/server.js', SERVER);
    this.write('dist/apps/api/src/main.js', api);
    this.write('dist/apps/worker/src/main.js', worker);
    this.write('dist/.flowmate-build', combined(sourceDigests(this.root)));
    this.write('node_modules/.flowmate-lock', digest(lock));
  }

  write(path: string, content: string): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true });
    writeFileSync(join(this.root, path), content);
  }

  start(args: string[] = [], env: Record<string, string> = {}): Started {
    const script = 'LIMITS' in env ? 'limited.mjs' : 'start.mjs';
    return this.run(process.execPath, [`tools/launcher/${script}`, ...args], env);
  }

  run(command: string, args: string[], env: Record<string, string> = {}): Started {
    const ports = { PORT: '0', WORKER_PORT: '0', METRICS_PORT: '0' };
    const PATH = [dirname(process.execPath), process.env['PATH']].join(delimiter);
    const child = spawn(command, args, {
      cwd: this.root,
      env: { HOME: this.root, ...ports, PATH, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    this.#started.push(child);
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk));
    const ended = once(child, 'close') as Promise<[number | null]>;
    return {
      process: child,
      output: () => output,
      shows: (text) =>
        eventually(() => {
          const isShown = typeof text === 'string' ? output.includes(text) : text.test(output);
          if (!isShown) throw new Error(`Not shown: ${String(text)}. What is:\n${output}`);
        }),
      exitCode: async () => (await ended)[0],
      pids: () => [...output.matchAll(/listening as (\d+)\./g)].map(([, pid]) => Number(pid)),
    };
  }

  /** Ends what a failed test may have left, and fails the test that left something. */
  async dispose(...started: Started[]): Promise<void> {
    for (const child of this.#started) if (child.exitCode === null) child.kill('SIGKILL');
    const left = started.flatMap(({ pids }) => pids()).filter((pid) => processIdentity(pid) !== null);
    for (const pid of left) process.kill(pid, 'SIGKILL');
    rmSync(this.root, { recursive: true, force: true });
    if (left.length > 0) throw new Error(`Still running: ${left.join(', ')}`);
  }
}
