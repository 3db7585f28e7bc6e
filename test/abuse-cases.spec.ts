import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AGENT_CASES } from './abuse/agents.table.js';
import { BODY_CASES } from './abuse/bodies.table.js';
import { OWNERSHIP_CASES } from './abuse/ownership.table.js';
import { PATH_CASES } from './abuse/paths.table.js';
import { RUN_CASES, RUNS_ELSEWHERE } from './abuse/runs.table.js';
import { REAL_TOKEN_CASES, SIGN_IN_CASES, SIGN_IN_ELSEWHERE } from './abuse/sign-in.table.js';

const ROOT = join(import.meta.dirname, '..');
const CASES = Array.from({ length: 17 }, (_, index) => `A${String(index + 1).padStart(2, '0')}`);

describe('the attacks on signing in', () => {
  it.each(CASES)('%s is a row of a table, or stands under its id in the suites that it names', (id) => {
    const rows = [...SIGN_IN_CASES, ...REAL_TOKEN_CASES].filter((row) => row.id === id);
    const suites = SIGN_IN_ELSEWHERE[id] ?? [];
    expect(rows.length + suites.length).toBeGreaterThan(0);
    for (const suite of suites)
      expect(readFileSync(join(ROOT, suite), 'utf8')).toMatch(
        suite.startsWith('bench')
          ? new RegExp(`[Cc]ase ${id}\\b`)
          : new RegExp(`\\bit(\\.each\\(.*\\))?\\(\\s*'${id} `),
      );
  });

  it('are no others', () => {
    const known = new Set(CASES);
    const named = [...SIGN_IN_CASES.map(({ id }) => id), ...Object.keys(SIGN_IN_ELSEWHERE)];
    expect(named.filter((id) => !known.has(id))).toEqual([]);
  });
});

describe('the attacks on agents, runs, streams and tools', () => {
  const numbered = (letter: string, ...numbers: readonly number[]): string[] =>
    numbers.map((number) => `${letter}${String(number).padStart(2, '0')}`);
  const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);
  const cases = [
    ...numbered('G', ...upTo(12)),
    ...numbered('N', ...upTo(16)),
    ...numbered('R', 1, 2, 4, 8, 11, 14),
    ...numbered('Z', 1, 2, 3, 4, 5, 7, 8, 9, 10, 12),
    ...numbered('Q', ...upTo(6)),
    ...numbered('M', 1, 2, 3, 4, 5, 6, 7, 10, 11),
    'L10',
  ];
  const rows = [...AGENT_CASES, ...RUN_CASES, ...OWNERSHIP_CASES, ...BODY_CASES, ...PATH_CASES];

  it.each(cases)('%s is a row of a table, or a test of the suites that are named', (id) => {
    const tests = RUNS_ELSEWHERE[id] ?? [];
    expect(rows.filter((row) => row.id === id).length + tests.length).toBeGreaterThan(0);
    for (const [suite, title] of tests) expect(readFileSync(join(ROOT, suite), 'utf8')).toContain(`'${title}`);
  });
});
