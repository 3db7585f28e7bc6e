import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { VERSION } from '@flowmate/domain';

const ROOT = join(import.meta.dirname, '..');

function versionIn(path: string): unknown {
  return (JSON.parse(readFileSync(join(ROOT, path), 'utf8')) as { version?: unknown }).version;
}

describe('the version', () => {
  it.each(['package.json', 'package-lock.json'])('in the code is that of %s', (path) => {
    expect(VERSION).toBe(versionIn(path));
  });
});
