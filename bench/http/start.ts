import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, startServer } from '../server-process.js';
import { median } from '../statistics.js';

const STARTS = 5;

export interface StartFigures {
  /** From spawning the process to its first answer. */
  readonly coldStartMs: number;
  /** Right after that answer. */
  readonly memoryBytes: number;
  /** Compiled JavaScript without source maps. */
  readonly builtBytes: number;
  readonly dependenciesBytes: number;
}

/** The api as `npm run start:api` starts it, several times, each time a new process. */
export async function measureStart(): Promise<StartFigures> {
  const starts: number[] = [];
  const memory: number[] = [];
  for (let start = 0; start < STARTS; start += 1) {
    const server = await startServer(['--enable-source-maps', 'dist/apps/api/src/main.js'], '/health/live');
    starts.push(server.startMs);
    memory.push(server.memoryBytes());
    await server.stop();
  }
  return {
    coldStartMs: median(starts),
    memoryBytes: median(memory),
    builtBytes: sizeOf('dist', (name) => name.endsWith('.js')),
    dependenciesBytes: sizeOf('node_modules', () => true),
  };
}

function sizeOf(folder: string, counts: (name: string) => boolean): number {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && counts(entry.name))
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}
