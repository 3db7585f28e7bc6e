import { newId } from '@flowmate/domain';
import { TestDatabase } from '../../test/test-database.js';
import { Migrator } from '../migrations/migrator.js';
import { RunReader, type RunFilter } from './run.reader.js';

const RUNS = 600;
const OWNER = { workspaceId: 'w' };

describe('a list of runs', () => {
  const test = new TestDatabase();
  const reader = new RunReader(test.database);
  const ids = Array.from({ length: RUNS }, (_, at) => newId(Date.UTC(2026, 0, 1) + at));
  const [failed = '', broken = '', again = '', waiting = ''] = ids;

  beforeAll(async () => {
    await test.database.connect();
    await new Migrator(test.database).up();
    const common = { ...OWNER, agentId: 'a', trigger: 'api', createdAt: new Date(), journal: [] };
    const usage = { costMicros: 5 };
    const ended = { closedAt: new Date(), head: { status: 'succeeded', code: null, reason: null, usage } };
    const rare: Record<string, object> = {
      [failed]: { head: { ...ended.head, status: 'failed', code: 'run_timeout' } },
      [broken]: { head: { ...ended.head, status: 'failed', code: 'model_refused' } },
      [again]: { trigger: 'retry' },
      [waiting]: { closedAt: undefined, isOpen: true, head: { ...ended.head, status: 'waiting', reason: 'review' } },
    };
    const documents = ids.map((id) => ({ _id: id as never, ...common, ...ended, ...rare[id] }));
    await (await test.db()).collection('runs').insertMany(documents, { ignoreUndefined: true });
  });
  afterAll(() => test.dispose());

  const RARE: ReadonlyArray<[string, RunFilter, readonly string[]]> = [
    ['a status in which runs end', { status: 'failed' }, [broken, failed]],
    ['a status in which no run ended', { status: 'cancelled' }, []],
    ['a status of open runs', { status: 'waiting' }, [waiting]],
    ['what runs wait for', { reason: 'review' }, [waiting]],
    ['what runs wait for, and a status in which none waits', { status: 'succeeded', reason: 'review' }, []],
    ['an error code', { errorCode: 'run_timeout' }, [failed]],
    ['an error code and its status', { errorCode: 'model_refused', status: 'failed' }, [broken]],
    ['an error code that no run has', { errorCode: 'agent_gone' }, []],
    ['a trigger', { trigger: 'retry' }, [again]],
  ];

  it.each(RARE)('by %s reads what it shows, however many others there are', async (_, filter, wanted) => {
    const commands = await test.commands();
    const found = await reader.list(OWNER, filter, { limit: 20 });
    expect(found.map(({ id }) => id)).toEqual(wanted);
    const [find] = commands.flatMap(({ commandName, command }) => (commandName === 'find' ? [command] : []));
    const query = { find: find?.['find'], filter: find?.['filter'], sort: find?.['sort'], limit: find?.['limit'] };
    const explained = await (await test.db()).command({ explain: query, verbosity: 'executionStats' });
    expect(explained['executionStats'].totalDocsExamined).toBeLessThanOrEqual(wanted.length + 1);
  });

  it('by a status that most have goes on where the last page ended', async () => {
    const first = await reader.list(OWNER, { status: 'succeeded' }, { limit: 20 });
    const before = first.at(-1)?.id;
    const next = await reader.list(OWNER, { status: 'succeeded' }, { before, limit: 20 });
    expect([...first, ...next].map(({ id }) => id)).toEqual(ids.slice(-40).toReversed());
  });
});
