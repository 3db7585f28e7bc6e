import { readFileSync } from 'node:fs';
import { join } from 'node:path';
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
