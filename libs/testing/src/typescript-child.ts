import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { join } from 'node:path';

const REGISTER = join(import.meta.dirname, '..', 'register-typescript.mjs');

/** Starts a TypeScript file of ours as a real process. The caller ends it. */
export function spawnTypeScript(
  file: string,
  args: readonly string[] = [],
  stdio: StdioOptions = ['ignore', 'pipe', 'pipe'],
): ChildProcess {
  return spawn(process.execPath, ['--enable-source-maps', '--import', REGISTER, file, ...args], { stdio });
}
