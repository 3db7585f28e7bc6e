import { CANARY } from '../../../test/abuse/abuse-case.js';
import type { World } from '../../../test/abuse/identity-case.js';
import { AGENT_CASES } from '../../../test/abuse/agents.table.js';
import { OWNERSHIP_CASES } from '../../../test/abuse/ownership.table.js';
import { RUN_CASES } from '../../../test/abuse/runs.table.js';
import { REAL_TOKEN_CASES } from '../../../test/abuse/sign-in.table.js';
import { TOKEN_CASES } from '../../../test/abuse/tokens.table.js';
import { startApiUnderTest, type ApiUnderTest } from './harness/api-under-test.js';
import { expectProblem } from './harness/expect-problem.js';
import { send } from './harness/send.js';
import { StoreDigest } from './harness/store-digest.js';
import { makeWorld } from './harness/world.js';

describe('attacks on identity', () => {
  let api: ApiUnderTest;
  let world: World;
  let store: StoreDigest;

  beforeAll(async () => {
    api = await startApiUnderTest();
    world = await makeWorld(api);
    store = new StoreDigest(api.name);
  });
  afterAll(async () => {
    await store.close();
    await api.close();
  });

  it.each(
    [...TOKEN_CASES, ...OWNERSHIP_CASES, ...REAL_TOKEN_CASES, ...AGENT_CASES, ...RUN_CASES].map(
      (row) => [`${row.id} ${row.name}`, row] as const,
    ),
  )('%s', async (_, row) => {
    const before = await store.take();
    const answer = await send(api.port, row.request(world));

    expect({ status: answer.status, body: answer.body }).toMatchObject({ status: row.status });
    if (row.code !== undefined) expectProblem(answer, row);
    for (const [name, value] of Object.entries(row.headers ?? {})) expect(answer.headers[name]).toBe(value);
    expect(await store.take()).toBe(before);
    expect(answer.body).not.toContain(CANARY);
    expect(answer.headers['set-cookie']?.join() ?? '').not.toMatch(/fm_(access|refresh)=[^;]/);
    const line = await api.lineOf(String(answer.headers['x-correlation-id']));
    expect(line).toMatchObject({ status: row.status, ...(row.code === undefined ? {} : { code: row.code }) });
    expect(api.linesOf(String(answer.headers['x-correlation-id']))).toHaveLength(1);
  });

  it('left no token, no key and no canary in the log or in the store', async () => {
    const secrets = [
      CANARY,
      ...[world.owner, world.stranger, world.analyst, world.admin].flatMap((one) => [
        one.accessToken,
        one.refreshToken,
      ]),
      ...Object.values(world.keys).map(({ secret }) => secret),
    ];
    const [log, dump] = [api.raw(), await store.dump()];
    expect(secrets.filter((secret) => log.includes(secret) || dump.includes(secret))).toEqual([]);
  });
});
