import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  allIds,
  asClaimed,
  claimsIn,
  contradictions,
  readClaims,
  readRequirements,
  render,
  type Requirement,
} from './requirements.js';

const ROOT = join(import.meta.dirname, '..');

describe('the promises', () => {
  const requirements = readRequirements(ROOT);
  const claims = readClaims(ROOT);

  it('agree with the tests that claim them', () => {
    expect(contradictions(requirements, claims)).toEqual([]);
  });

  it('are complete, each once and in order', () => {
    expect(requirements.map(({ id }) => id)).toEqual(allIds());
  });

  it('are one sentence each', () => {
    const odd = requirements.filter(({ text }) => !/^\S[^\n]{10,250}\.$/.test(text) || /\. [A-Z]/.test(text));
    expect(odd).toEqual([]);
  });

  it('are counted', () => {
    const done = requirements.filter(({ status }) => status === 'done').length;
    const planned = requirements.filter(({ status }) => status === 'planned').length;
    // Jest's console would bury the one line under a stack.
    process.stderr.write(`promises: ${done} done, ${planned} planned of ${requirements.length}\n`);
    expect(done + planned).toBe(allIds().length);
  });

  it('stand in the page as the command writes them', () => {
    expect(readFileSync(join(ROOT, 'docs/requirements.yaml'), 'utf8')).toBe(render(requirements));
  });
});

describe('reading claims', () => {
  /** Put together here, so that this file claims nothing itself. */
  const call = (args: string): string => `describe(verifies${`(${args})`}, () => {});\n`;

  it.each([
    ["'FM-1', 'a title'", ['FM-1']],
    ["'FM-1', 'K05', 'AP-2', \"a caller's title\"", ['FM-1', 'K05', 'AP-2']],
    ["\n  'FM-1',\n  'U-2',\n  'a title (with, commas)',\n", ['FM-1', 'U-2']],
    ["'FM-1', `a title of ${'$'}{name}`", ['FM-1']],
  ])('takes all literals but the title (%j)', (args, ids) => {
    expect(claimsIn(`const a = 1;\n${call(args)}`)).toEqual(ids);
  });

  it('sees every call of a file and none that is commented out', () => {
    const source = `${call("'FM-1', 'a'")}  // ${call("'FM-2', 'b'")} * ${call("'FM-3', 'c'")}  ${call("'FM-4', 'd'")}`;
    expect(claimsIn(source)).toEqual(['FM-1', 'FM-4']);
  });

  it.each(["ID, 'a title'", "'FM-1', ID, 'a title'", "...ids, 'a title'", "'a title alone'", "'FM-1', 'a' + b"])(
    'refuses what it cannot read (%s)',
    (args) => {
      expect(() => claimsIn(call(args))).toThrow('string literals');
    },
  );
});

describe('comparing promises and claims', () => {
  const text = 'It does something.';
  const done: Requirement = { id: 'FM-1', text, status: 'done', test: 'a.spec.ts' };
  const planned: Requirement = { id: 'FM-2', text, status: 'planned' };
  const partial: Requirement = { ...planned, lacks: 'the rest' };
  const claim = (id: string, file = 'a.spec.ts') => ({ id, file });

  it('is content with a claimed promise that is done and an unclaimed one that is planned', () => {
    expect(contradictions([done, planned, partial], [claim('FM-1'), claim('FM-1', 'b.spec.ts')])).toEqual([]);
  });

  it.each([
    ['a claim of nothing', [done], [claim('FM-1'), claim('FN-1')], 'FN-1: claimed by a.spec.ts, but no promise'],
    ['a done promise without a claim', [done], [], 'FM-1: done by a.spec.ts, which does not claim it'],
    ['a done promise with another test', [done], [claim('FM-1', 'b.spec.ts')], '(claimed by b.spec.ts)'],
    ['a done promise without a test', [{ ...done, test: undefined }], [claim('FM-1')], 'it names no test'],
    ['a done promise that lacks something', [{ ...done, lacks: 'x' }], [claim('FM-1')], 'done, but it lacks x'],
    ['a planned promise with a claim', [planned], [claim('FM-2')], 'FM-2: claimed by a.spec.ts, but planned'],
    ['a claim of what is kept in part', [partial], [claim('FM-2')], 'but it lacks the rest. Take the claim out'],
    ['a planned promise with a test', [{ ...planned, test: 'a.spec.ts' }], [], 'planned, but it names a test'],
  ] as Array<[string, Requirement[], ReturnType<typeof claim>[], string]>)('tells of %s', (_, page, claims, line) => {
    expect(contradictions(page, claims)).toEqual([expect.stringContaining(line)]);
  });

  it('writes status and test as claimed, and keeps the named test while it claims', () => {
    const page: Requirement[] = [{ ...done, test: 'b.spec.ts' }, planned, { ...partial, id: 'FM-3' }];
    const claims = [claim('FM-1'), claim('FM-1', 'b.spec.ts'), claim('FM-2'), claim('FM-3')];
    expect(asClaimed(page, claims)).toEqual([
      { ...done, test: 'b.spec.ts' },
      { id: 'FM-2', text, status: 'done', test: 'a.spec.ts' },
      { ...partial, id: 'FM-3' },
    ]);
    expect(asClaimed(page, [])[0]).toEqual({ id: 'FM-1', text, status: 'planned' });
  });
});
