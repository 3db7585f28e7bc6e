import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { check } from '../checker/checker.js';
import { between, oneOf } from '../faults/random.js';
import { Balancer } from '../system/balancer.js';
import { Client } from '../system/client.js';
import { StreamReader } from '../system/stream-reader.js';
import type { System } from '../system/system.js';
import { inputOf, target, threeSteps } from './load.js';
import { script, statuses } from './outages.js';
import { ends, seconds } from './resumes.js';
import { bound, inSystem, type Context, type Outcome, type Scenario } from './scenario.js';
import { Supervised } from './supervised.js';

const KILLS = 8;
const CALLERS = 8;
const PAUSE_MS = 50;
/** Between a commit and its answer, before and after the bell. */
const POINTS = ['after-insert', 'after-ring'] as const;
/** Starts of runs until an api is killed. */
const PASSINGS: readonly [number, number] = [5, 40];
const LOOK_MS = 100;

/** An api that is killed again and again just when it has stored a run, beside one that is well. */
async function killedInBetween({ random }: Context, system: System): Promise<Outcome> {
  const armed = () => {
    const point = `${oneOf(random, POINTS)}:${Math.floor(between(random, PASSINGS))}`;
    return system.api({ variables: { CHAOS_API_POINT: point } });
  };
  const [first, well] = await Promise.all([armed(), system.api(), system.worker(), system.worker()]);
  const kept = new Supervised(first, armed);
  const at = await target(system);
  const client = new Client(() => [kept.current, well], at.tenant);
  const ids: string[] = [];
  const asked = new Map<string, string>();
  const over = new AbortController();
  const callers = Array.from({ length: CALLERS }, async () => {
    while (!over.signal.aborted) {
      const [key, input] = [randomUUID(), inputOf(script())];
      asked.set(key, input);
      ids.push((await client.start(at.agentId, input, key)).id);
      await delay(PAUSE_MS);
    }
  });
  while (kept.ends.length < KILLS) await delay(LOOK_MS);
  over.abort();
  await Promise.all(callers);
  await kept.stop();
  // Who asks once more, much later and at the other api, is answered the same.
  const later = new Client(() => [well], at.tenant);
  for (const [key, input] of asked) await later.start(at.agentId, input, key);
  const stored = await system.world.idsOf(at.tenant, 2 * asked.size);
  const unanswered = client.answers.filter(({ status }) => status === 0).length;
  const several = [...client.byKey].filter(
    ([key, answered]) => new Set([...answered, ...(later.byKey.get(key) ?? [])]).size !== 1,
  ).length;
  const { runs, violations, lost } = await check(system, ids);
  return {
    figures: `${kept.ends.length} kills under load: ${asked.size} keys, ${client.answers.length} requests, ${unanswered} without an answer; ${stored.length} runs stored, ${several} keys with several; lost ${lost}; ${ends(runs)}`,
    violations: [
      ...violations,
      ...bound(several === 0, `I5: ${several} keys were answered with several runs`),
      ...bound(stored.length === asked.size, `${stored.length} runs for ${asked.size} keys`),
      ...bound(unanswered >= KILLS, `only ${unanswered} requests had no answer`),
    ],
  };
}

export const killedApi: Scenario = {
  id: 'F07',
  title: 'SIGKILL of an api between commit and answer, under load',
  run: (context) => inSystem(context, (system) => killedInBetween(context, system)),
};

const READERS = 200;
/** Of each of four answers: they outlive the api by far. */
const WATCHED_MS = 3_000;
const EVERY_MS = 20;
const BEFORE_MS = 3_000;
/** The orchestrator tells balancer and process at the same time; the balancer is slow, and the process has a pause. */
const BALANCER_MS = 3_000;
const PRE_STOP_MS = 5_000;
const EXIT_MS = 10_000;
const AFTER_MS = 5_000;
const ROOM = { WORKER_CONCURRENCY: '300' } as const;

/** Fifty requests a second through the balancer: a start and a look by turns. */
class Requests {
  readonly answers: Array<{ readonly status: number; readonly ms: number; readonly code: undefined }> = [];
  readonly ids: string[] = [];
  private readonly under: Array<Promise<void>> = [];
  private readonly timer: NodeJS.Timeout;
  private count = 0;

  constructor(private readonly send: (index: number) => Promise<{ readonly status: number; readonly id?: string }>) {
    this.timer = setInterval(() => void this.under.push(this.one()), EVERY_MS);
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await Promise.all(this.under);
  }

  private async one(): Promise<void> {
    this.count += 1;
    const started = performance.now();
    const { status, id } = await this.send(this.count).catch(() => ({ status: 0, id: undefined }));
    this.answers.push({ status, ms: performance.now() - started, code: undefined });
    if (id !== undefined) this.ids.push(id);
  }
}

async function takenOut(system: System, balancer: Balancer): Promise<Outcome> {
  const [leaving, other] = await Promise.all([
    system.api(),
    system.api(),
    system.worker({ variables: ROOM }),
    system.worker({ variables: ROOM }),
  ]);
  balancer.add(leaving);
  balancer.add(other);
  const { tenant, agentId } = await target(system);
  const { secret } = tenant;
  const ask = async (path: string, body?: object): Promise<{ status: number; id?: string }> => {
    const answer = await fetch(`${balancer.url}/api/v1/${path}`, {
      method: body ? 'POST' : 'GET',
      headers: { authorization: `Bearer ${secret}`, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    });
    const { runId } = (await answer.json()) as { runId?: string };
    return { status: answer.status, ...(body && runId !== undefined && { id: runId }) };
  };
  const start = (latencyMs: number) =>
    ask(`agents/${agentId}/run`, { input: inputOf({ plan: threeSteps(), latencyMs }) });
  const watched = (await Promise.all(Array.from({ length: READERS }, () => start(WATCHED_MS)))).map(
    ({ id = '' }) => id,
  );
  const readers = watched.map((runId) => new StreamReader({ url: () => balancer.url, secret, runId }));
  const requests = new Requests((index) =>
    index % 2 === 0 ? start(0) : ask(`runs/${watched[index % watched.length] ?? ''}`),
  );
  await delay(BEFORE_MS);
  setTimeout(() => balancer.remove(leaving), BALANCER_MS);
  await delay(PRE_STOP_MS);
  const told = performance.now();
  const exitCode = await leaving.end('SIGTERM');
  const exitMs = performance.now() - told;
  await delay(AFTER_MS);
  await requests.stop();
  await Promise.all(readers.map(({ done }) => done));
  const { runs, violations } = await check(system, [...watched, ...requests.ids]);
  const failed = requests.answers.filter(({ status }) => status !== 200 && status !== 202);
  const of = (count: (reader: StreamReader) => number): number => readers.reduce((sum, one) => sum + count(one), 0);
  const [missed, doubled, drained] = [of((one) => one.missed), of((one) => one.doubled), of((one) => one.drained)];
  const refused = readers.flatMap(({ failures }) => failures);
  const lengths = new Map(runs.map(({ id, journal }) => [id, journal.length]));
  const short = readers.filter(({ seqs }, index) => seqs.at(-1) !== lengths.get(watched[index] ?? '')).length;
  return {
    figures: `${requests.answers.length} requests: ${statuses(requests.answers)}; ${READERS} streams: ${drained} told to go elsewhere, ${of(({ seqs }) => seqs.length)} events, ${missed} missed, ${doubled} doubled; exit ${exitCode} ${seconds(exitMs)} after SIGTERM; ${ends(runs)}`,
    violations: [
      ...violations,
      ...bound(failed.length === 0 && balancer.failures === 0, `${failed.length} requests failed: ${statuses(failed)}`),
      ...bound(
        missed + doubled + short === 0,
        `${missed} events missed, ${doubled} doubled, ${short} streams too short`,
      ),
      ...bound(drained > 0, 'nobody was told to go elsewhere'),
      ...bound(refused.length === 0, `streams were not let in: ${[...new Set(refused)].join(', ')}`),
      ...bound(exitCode === 0 && exitMs <= EXIT_MS, `exit ${exitCode} after ${seconds(exitMs)}`),
    ],
  };
}

export const stoppedApi: Scenario = {
  id: 'F08',
  title: 'SIGTERM of an api under load, which the balancer learns late',
  run: (context) =>
    inSystem(context, async (system) => {
      const balancer = await Balancer.start();
      try {
        return await takenOut(system, balancer);
      } finally {
        balancer.close();
      }
    }),
};
