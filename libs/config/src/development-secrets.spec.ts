import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError, developmentSecrets } from './index.js';

const homes: string[] = [];

function home(): string {
  const folder = mkdtempSync(join(tmpdir(), 'flowmate-secrets-'));
  homes.push(folder);
  return folder;
}

afterAll(() => homes.forEach((folder) => rmSync(folder, { recursive: true })));

describe('development secrets', () => {
  it('are made once, announced once, and the same at the next start', () => {
    const folder = home();
    const announced: string[] = [];
    const supply = developmentSecrets(folder, (path) => announced.push(path));
    const first = supply(['JWT_SECRET', 'REFRESH_SECRET']);
    const second = supply(['JWT_SECRET', 'REFRESH_SECRET']);
    expect(second).toEqual(first);
    expect(first['JWT_SECRET']).toMatch(/^[0-9a-f]{64}$/);
    expect(first['JWT_SECRET']).not.toBe(first['REFRESH_SECRET']);
    expect(announced).toHaveLength(2);
  });

  it('are readable by their owner only and leave no drafts', () => {
    const folder = home();
    developmentSecrets(folder, () => undefined)(['JWT_SECRET']);
    expect(statSync(join(folder, 'secrets', 'JWT_SECRET')).mode & 0o777).toBe(0o600);
    expect(readdirSync(join(folder, 'secrets'))).toEqual(['JWT_SECRET']);
  });

  it.each<[string, (path: string) => void]>([
    ['empty', (path) => writeFileSync(path, '', { mode: 0o600 })],
    ['cut short', (path) => writeFileSync(path, 'abc123', { mode: 0o600 })],
    ['readable by others', (path) => (writeFileSync(path, 'a'.repeat(64)), chmodSync(path, 0o644))],
    ['a folder', (path) => mkdirSync(path)],
    ['a link', (path) => symlinkSync('/etc/hostname', path)],
  ])('are refused by name when the file is %s', (_, spoil) => {
    const folder = home();
    mkdirSync(join(folder, 'secrets'));
    spoil(join(folder, 'secrets', 'JWT_SECRET'));
    expect(() => developmentSecrets(folder, () => undefined)(['JWT_SECRET'])).toThrow(ConfigError);
  });

  it('touch nothing when nothing is missing', () => {
    const folder = home();
    expect(developmentSecrets(folder, () => undefined)([])).toEqual({});
    expect(readdirSync(folder)).toEqual([]);
  });
});
