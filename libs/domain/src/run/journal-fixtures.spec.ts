import { readdirSync, readFileSync } from 'node:fs';
import { ENTRY_TYPES, fold, JOURNAL_VERSION, type JournalEntry, type RunState } from '../index.js';

interface Fixture {
  readonly journals: ReadonlyArray<{ readonly journal: readonly JournalEntry[]; readonly state: RunState }>;
}

const FOLDER = `${import.meta.dirname}/../../test`;
const fixtures = readdirSync(FOLDER)
  .filter((name) => /^journal\.v\d+\.json$/.test(name))
  .map((name) => ({ name, ...(JSON.parse(readFileSync(`${FOLDER}/${name}`, 'utf8')) as Fixture) }));

/**
 * Journals as they were stored once, and what they said. They are never changed: where this fails, runs that people
 * have would say something else after an update.
 */
describe('journals that were stored', () => {
  it('are here for every version that there was', () => {
    const versions = Array.from({ length: JOURNAL_VERSION }, (_, index) => `journal.v${index + 1}.json`);
    expect(fixtures.map(({ name }) => name)).toEqual(versions);
  });

  it.each(fixtures)('say in $name what they always said', ({ journals }) => {
    for (const { journal, state } of journals) {
      // What a later version knows besides may be more.
      expect(fold(journal)).toMatchObject(state);
    }
  });

  it('have entries of every type that there is', () => {
    const types = fixtures.flatMap(({ journals }) =>
      journals.flatMap(({ journal }) => journal.map(({ type }) => type)),
    );
    expect([...new Set(types)].sort()).toEqual([...ENTRY_TYPES].sort());
  });
});
