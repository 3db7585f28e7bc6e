import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const ROOT = join(import.meta.dirname, '..', '..', '..', '..');
const MAIN = join(ROOT, 'apps', 'cli', 'src', 'main.ts');
const TYPESCRIPT = ['--import', join(ROOT, 'libs', 'testing', 'register-typescript.mjs')];

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** The command line as a person calls it, with these settings and no others, away from what a checkout keeps. */
export async function flowmate(
  args: readonly string[],
  variables: Record<string, string> = {},
  { hangsUp = false, cwd = tmpdir() } = {},
): Promise<Ended> {
  const env = { PATH: process.env['PATH'], ...variables };
  const child = spawn(process.execPath, [...TYPESCRIPT, MAIN, ...args], { env, cwd });
  // Like `head`, which has seen enough.
  if (hangsUp) child.stdout.destroy();
  let [out, err] = ['', ''];
  child.stdout.on('data', (text) => (out += text));
  child.stderr.on('data', (text) => (err += text));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, out, err };
}
