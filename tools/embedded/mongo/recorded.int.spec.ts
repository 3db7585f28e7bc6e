import { readFileSync } from 'node:fs';
import type { Tally } from './semantics/vectors.ts';
import { startServer, PASSWORD, type EmbeddedServer } from './server/testing/embedded-server.ts';
import { aggregates, finds, findsAndModifies, randomFinds, updates } from './server/testing/recorded.ts';
import { scenes, sessions } from './server/testing/recorded-scenes.ts';
import { WireClient } from './server/testing/wire-client.ts';

/** Per group and operator: a refusal more than these is a step back; the numbers only go down. */
const REFUSED = JSON.parse(readFileSync(`${__dirname}/refused.json`, 'utf8')) as Record<string, Record<string, number>>;

/** Enough to share the server's commits, which are what the updates wait for. */
const CONNECTIONS = 32;

const GROUPS: Record<string, (clients: readonly WireClient[]) => Promise<Tally>> = {
  match: (clients) => finds(clients, 'match'),
  sort: (clients) => finds(clients, 'sort'),
  project: (clients) => finds(clients, 'project'),
  'random-find': randomFinds,
  update: updates,
  findAndModify: findsAndModifies,
  aggregate: aggregates,
  scene: scenes,
  sessions,
};

/** A MongoDB that the run names is asked too; where a newer one differs from the recorded one, that is listed. */
const real = process.env['FLOWMATE_TEST_REAL_MONGODB_URI'];

describe('the recorded answers of a real MongoDB, asked of the server', () => {
  let server: EmbeddedServer | undefined;
  let clients: WireClient[];
  const table: string[] = [];
  const refused = new Map<string, number>();

  beforeAll(async () => {
    server = real ? undefined : await startServer();
    const client = (): Promise<WireClient> =>
      server ? WireClient.loggedIn(server.port, PASSWORD) : WireClient.at(String(real));
    clients = await Promise.all(Array.from({ length: CONNECTIONS }, client));
  });

  afterAll(async () => {
    for (const client of clients) client.close();
    await server?.stop();
    const operators = [...refused].sort(([, a], [, b]) => b - a).map(([name, count]) => `${name} ${count}`);
    process.stdout.write(`${table.join('\n')}\nrefused: ${operators.join(', ')}\n`);
  });

  it.each(Object.entries(GROUPS))(
    'are given again, or refused by name: %s',
    async (group, run) => {
      const counts = await run(clients);
      table.push(`${group.padEnd(14)} same ${counts.same}, refused ${counts.refused}, different ${counts.different}`);
      for (const [name, count] of counts.operators) refused.set(name, (refused.get(name) ?? 0) + count);
      if (real) process.stdout.write(counts.differences.map((difference) => `${difference}\n`).join(''));
      // Ten are enough to see what is wrong.
      expect(real ? [] : counts.differences.slice(0, 10)).toEqual([]);
      expect(counts.same).toBeGreaterThan(0);
      const more = [...counts.operators].filter(([name, count]) => count > (REFUSED[group]?.[name] ?? 0));
      expect(more).toEqual([]);
    },
    60_000,
  );
});
