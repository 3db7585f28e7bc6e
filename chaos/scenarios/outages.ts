import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Run } from '@flowmate/domain';
import { check } from '../checker/checker.js';
import type { Child } from '../system/child.js';
import { Client, type Answered } from '../system/client.js';
import type { ProcessOptions, System } from '../system/system.js';
import { inputOf, target, threeSteps, warmUp, type Target } from './load.js';
import { percentile } from './resumes.js';
import { bound } from './scenario.js';

/** For outages, after which everything that waits is to begin at once. */
export const ROOMY = { WORKER_CONCURRENCY: '200' } as const;
const LATENCY_MS = 80;
export const script = () => ({ plan: threeSteps(), latencyMs: LATENCY_MS });

/** How long what was accepted before a moment, and not begun by then, had to wait from there on. */
export function waitsAfter(runs: readonly Run[], moments: readonly number[]): number[] {
  return runs.flatMap(({ createdAt, journal }) => {
    const begun = journal.find(({ type }) => type === 'run.started')?.at;
    if (begun === undefined) return [];
    return moments.filter((at) => createdAt <= at && begun > at).map((at) => begun - at);
  });
}

/** One request after the other, as many at once as a balancer would send. */
const CALLERS = 4;

/** Starts runs over HTTP until it is told to stop. */
export class Callers {
  readonly ids: string[] = [];
  readonly client: Client;
  private isStopped = false;
  private readonly loops: ReadonlyArray<Promise<void>>;

  constructor(
    private readonly apis: readonly Child[],
    private readonly at: Target,
    private readonly pauseMs = 250,
  ) {
    this.client = new Client(() => this.apis.filter(({ isRunning }) => isRunning), at.tenant);
    this.loops = Array.from({ length: CALLERS }, () => this.call());
  }

  /** Answers since then. */
  mark(): () => Answered[] {
    const from = this.client.answers.length;
    return () => this.client.answers.slice(from);
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    await Promise.all(this.loops);
  }

  private async call(): Promise<void> {
    while (!this.isStopped) {
      const id = await this.client.once({ agentId: this.at.agentId, input: inputOf(script()), key: randomUUID() });
      if (id !== undefined) this.ids.push(id);
      await delay(this.pauseMs);
    }
  }
}

export const statuses = (answers: readonly Answered[]): string => {
  const counts = new Map<string, number>();
  for (const { status, code } of answers)
    counts.set(`${status}${code ? ` ${code}` : ''}`, (counts.get(`${status}${code ? ` ${code}` : ''}`) ?? 0) + 1);
  return [...counts].map(([word, count]) => `${count} × ${word}`).join(', ');
};

export interface Outage {
  readonly begin: () => Promise<unknown> | void;
  readonly end: () => Promise<unknown> | void;
  readonly ms: number;
}

export interface Lived {
  readonly answers: readonly Answered[];
  readonly begunAfterMs: number;
  readonly checked: Awaited<ReturnType<typeof check>>;
}

/** Load over HTTP before, during and after an outage; then everything that must be so. */
export async function live(system: System, callers: Callers, { begin, end, ms }: Outage): Promise<Lived> {
  await delay(1_500);
  await begin();
  const during = callers.mark();
  await delay(ms);
  const answers = during();
  await end();
  const back = Date.now();
  await delay(2_000);
  await callers.stop();
  const checked = await check(system, callers.ids);
  return { answers, begunAfterMs: percentile(waitsAfter(checked.runs, [back]), 1), checked };
}

/** At once, of each api: as many connections to the store as the callers need while it is slow. */
const LOOKS = 10;

interface Both {
  readonly callers: Callers;
  readonly workers: readonly Child[];
}

/** Two workers and two apis, with callers. */
export async function both(
  system: System,
  ofApis: ProcessOptions = {},
  ofWorkers: ProcessOptions = ofApis,
): Promise<Both> {
  const [first, second, ...apis] = await Promise.all([
    system.worker({ ...ofWorkers, variables: ROOMY }),
    system.worker({ ...ofWorkers, variables: ROOMY }),
    system.api(ofApis),
    system.api(ofApis),
  ]);
  const at = await target(system);
  const looking = new Client(() => apis, at.tenant);
  const looks = apis.flatMap((api) => Array.from({ length: LOOKS }, () => looking.ask(api, '/api/v1/runs')));
  await Promise.all([warmUp(system, at), ...looks]);
  await system.rest();
  return { callers: new Callers(apis, at), workers: [first, second] };
}

export const p = (answers: readonly Answered[], share: number): number =>
  percentile(
    answers.map(({ ms }) => ms),
    share,
  );

export const allAccepted = (answers: readonly Answered[]) =>
  bound(
    answers.every(({ status }) => status === 202),
    `not all were accepted: ${statuses(answers)}`,
  );
