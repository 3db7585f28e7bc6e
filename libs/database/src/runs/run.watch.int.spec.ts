import { TestDatabase } from '../../test/test-database.js';
import { Migrator } from '../migrations/migrator.js';
import { RunWatch, type EndPlace } from './run.watch.js';

const RUNS = 30;
const PAGE = 7;
const FIRST = Date.UTC(2026, 0, 1);

describe('runs in the order of their ends', () => {
  const test = new TestDatabase();
  const watch = new RunWatch(test.database);
  const until = new Date(FIRST + 3_600_000);
  const idOf = (at: number): string => `${at}`.padStart(24, '0');

  beforeAll(async () => {
    await test.database.connect();
    await new Migrator(test.database).up();
    const ended = Array.from({ length: RUNS }, (_, at) => ({
      _id: idOf(at) as never,
      workspaceId: 'w',
      createdAt: new Date(FIRST),
      journal: [],
      // Five end at the same time.
      closedAt: new Date(FIRST + Math.floor(at / 5) * 1_000),
    }));
    const later = {
      _id: idOf(RUNS) as never,
      workspaceId: 'w',
      createdAt: new Date(FIRST),
      journal: [],
      closedAt: new Date(until.getTime() + 1),
    };
    const open = {
      _id: idOf(RUNS + 1) as never,
      workspaceId: 'w',
      createdAt: new Date(FIRST),
      journal: [],
      isOpen: true,
    };
    await (await test.db()).collection('runs').insertMany([...ended, later, open]);
  });
  afterAll(() => test.dispose());

  const all = async (): Promise<string[]> => {
    const seen: string[] = [];
    let after: EndPlace | null = null;
    for (;;) {
      const page = await watch.endedSince(after, until, PAGE);
      seen.push(...page.map(({ id }) => id));
      after = page.at(-1) ?? after;
      if (page.length < PAGE) return seen;
    }
  };

  it('are read page by page, each once, also when they ended at the same time', async () => {
    expect(await all()).toEqual(Array.from({ length: RUNS }, (_, at) => idOf(at)));
  });

  it('come out of the index in that order: nothing is sorted, and no more is read than answered', async () => {
    const commands = await test.commands();
    await all();
    const db = await test.db();
    const finds = commands.flatMap(({ commandName, command }) => (commandName === 'find' ? [command] : []));
    expect(finds.length).toBeGreaterThan(RUNS / PAGE);
    for (const { find, filter, sort, limit } of finds) {
      const explained = await db.command({ explain: { find, filter, sort, limit }, verbosity: 'executionStats' });
      expect(JSON.stringify(explained['queryPlanner'])).not.toContain('SORT');
      const { nReturned, totalDocsExamined } = explained['executionStats'];
      expect(totalDocsExamined).toBe(nReturned);
    }
  });
});
