import { randomUUID } from 'node:crypto';
import { loadEnv, AppEnv, EgressEnv, LlmEnv } from '@flowmate/config';
import { modelFromEnv } from '@flowmate/llm';
import { createLogger } from '@flowmate/observability';
import { JobProducer, RUN_JOB } from '@flowmate/queue';
import { ModelSimulator, PROVIDER_SECRET, testStores } from '@flowmate/testing';
import type { Tool } from '@flowmate/tools';
import { z } from 'zod';
import { TestRedis } from '../../../libs/redis/test/test-redis.js';
import { EngineWorld } from './harness/engine-under-test.js';

const canary = (name: string): string => `canary-${name}-${randomUUID()}`;

/** Where each of them may be: in what belongs to the run and its agent, and nowhere else. The key is nowhere at all. */
const SECRETS = {
  key: canary('key'),
  prompt: canary('prompt'),
  input: canary('input'),
  argument: canary('argument'),
  result: canary('result'),
  long: `${canary('long')} `.repeat(1_000),
};
const OF_RUNS = ['runs', 'payloads', 'agents', 'agent_versions'];

const leaker: Tool<{ note: string }> = {
  manifest: {
    id: 'test.leak',
    title: 'Leaks',
    description: 'Answers a secret.',
    risk: 'read',
    class: 'R',
    scopes: [],
    args: z.strictObject({ note: z.string() }),
    timeoutMs: 1_000,
    outputBytes: 65_536,
  },
  run: ({ note }) =>
    note.includes('fail')
      ? Promise.reject(new Error(`${SECRETS.result} is in the message of an error`))
      : Promise.resolve({ text: `${SECRETS.result} ${SECRETS.long}`, label: 'private' }),
};

describe('what a run has read and written', () => {
  const world = new EngineWorld();
  const simulator = new ModelSimulator();
  const redis = new TestRedis(testStores().redisUrl);
  const lines: string[] = [];

  beforeAll(async () => {
    await Promise.all([world.begin(), simulator.start(), redis.redis.connect()]);
  });
  afterAll(async () => {
    await world.dispose();
    await Promise.all([simulator.stop(), redis.redis.close()]);
  });

  const dumpMongo = async (names: (name: string) => boolean): Promise<string> => {
    const db = await world.test.db();
    const found = (await db.listCollections().toArray()).map(({ name }) => name).filter(names);
    return JSON.stringify(await Promise.all(found.map((name) => db.collection(name).find().toArray())));
  };
  const dumpRedis = async (): Promise<string> => {
    const keys = (await redis.redis.send('KEYS', [`${redis.redis.key('')}*`])) as string[];
    const hashes = keys.filter((key) => key.includes('agent-run-queue:') && /-\d+$/.test(key));
    const values = await Promise.all(hashes.map((key) => redis.redis.send('HGETALL', [key])));
    return JSON.stringify([keys, values]);
  };
  const secretsIn = (text: string, but: readonly string[] = []): string[] =>
    Object.entries({ ...SECRETS, provider: PROVIDER_SECRET })
      .filter(([name, value]) => !but.includes(name) && text.includes(value.trim().split(' ')[0]!))
      .map(([name]) => name);

  it('is in its own documents and in no log, metric, job or other document; the key of the model is nowhere', async () => {
    const variables = { NODE_ENV: 'test', OPENAI_KEY: SECRETS.key, OPENAI_BASE_URL: simulator.url };
    const env = loadEnv([AppEnv, LlmEnv, EgressEnv], { variables });
    const destination = { write: (line: string) => void lines.push(line) };
    const logger = createLogger({ level: 'debug', format: 'json', service: 'w', environment: 'test', destination });
    const model = modelFromEnv({ app: env.get(AppEnv), llm: env.get(LlmEnv), egress: env.get(EgressEnv), logger });
    const worker = await world.worker({
      model,
      tools: [leaker],
      variables: { AGENT_MAX_RETRIES: '0' },
      redis: redis.redis,
    });
    const producer = new JobProducer(redis.redis, redis.metrics);
    const start = async (name: string, note: string): Promise<string> => {
      const plan = [[{ tool: 'test.leak', args: { note: `${SECRETS.argument} ${note}` } }]];
      const agentId = await world.agent({
        systemPrompt: SECRETS.prompt,
        model: { name },
        tools: ['test.leak'],
      });
      const id = await world.run(agentId, { input: `sim:${JSON.stringify({ plan })} ${SECRETS.input}` });
      await producer.add(RUN_JOB, { id: `${id}-1`, payload: { runId: id } });
      await worker.hear(id);
      return id;
    };
    const [good, bad, refused] = [
      await start('sim', 'please'),
      await start('sim', 'fail'),
      await start('sim-401', 'x'),
    ];
    await world.until(good, 'succeeded');
    await world.until(bad, 'succeeded');
    expect((await world.until(refused, 'failed')).head.code).toBe('llm_auth');

    const journal = JSON.stringify(await world.read(good));
    const [own, others] = [
      await dumpMongo((name) => OF_RUNS.includes(name)),
      await dumpMongo((name) => !OF_RUNS.includes(name)),
    ];
    const jobs = await dumpRedis();
    // Each of the places is really looked at.
    expect(secretsIn(own, ['provider'])).toEqual(['prompt', 'input', 'argument', 'result', 'long']);
    expect(jobs).toContain(good);
    expect(others).toContain(world.userId);
    expect([...lines, ...worker.lines].length).toBeGreaterThan(0);
    expect({
      log: secretsIn([...lines, ...worker.lines].join('\n')),
      metrics: secretsIn(await worker.metrics.text()),
      jobs: secretsIn(jobs),
      others: secretsIn(others),
      longInJournal: journal.includes(SECRETS.long),
      keyInRuns: own.includes(SECRETS.key),
      providerInRuns: own.includes(PROVIDER_SECRET),
    }).toEqual({
      log: [],
      metrics: [],
      jobs: [],
      others: [],
      longInJournal: false,
      keyInRuns: false,
      providerInRuns: false,
    });
  });
});
