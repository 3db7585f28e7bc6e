import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { verifies } from '@flowmate/testing';
import { ALL_COMMANDS } from '../apps/cli/src/commands/all-commands.js';

const read = (page: string): string => readFileSync(join(import.meta.dirname, '..', 'docs', page), 'utf8');

/** What the sources of a security checklist asked for, each by a word of its row. */
const ASKED = [
  'default',
  'weak',
  'TLS',
  'firewall',
  'MongoDB asks for a user',
  'Redis asks for a password',
  'Origins',
  'Limits',
  'audit trail',
  'Updates',
];

describe(verifies('FR-32', 'the security checklist'), () => {
  const page = read('security.md');
  const rows = page
    .split('\n')
    .filter((line) => line.startsWith('| ') && !line.startsWith('| point') && !line.startsWith('| ---'))
    .map((line) => line.split('|').map((cell) => cell.trim()));

  it('has every point that was asked for, and for each a reason and a way to see it', () => {
    const points = rows.map(([, point]) => point).join('\n');
    expect(ASKED.filter((word) => !points.includes(word))).toEqual([]);
    for (const [, , why = '', how = ''] of rows) expect([why.length > 10, how.length > 10]).toEqual([true, true]);
  });

  it('names settings that exist', () => {
    const settings = read('configuration.md');
    const named = [...page.matchAll(/`([A-Z][A-Z0-9]*_[A-Z0-9_]+)`/g)].map(([, name]) => `\`${name}\``);
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter((name) => !settings.includes(name))).toEqual([]);
  });

  it('names commands that exist', () => {
    const known = new Map(ALL_COMMANDS.map(({ name, usage }) => [name, usage]));
    const named = [...page.matchAll(/`flowmate ([a-z]+)(?: ([a-z]+))?/g)];
    expect(named.length).toBeGreaterThan(5);
    for (const [, command = '', action = ''] of named)
      expect([command, known.get(command)]).toEqual([
        command,
        expect.stringContaining(`flowmate ${command} ${action}`.trim()),
      ]);
  });
});
