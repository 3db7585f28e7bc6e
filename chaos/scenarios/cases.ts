import { setTimeout as delay } from 'node:timers/promises';
import type { Run } from '@flowmate/domain';
import type { LedgerMode, ModelScript } from '@flowmate/testing';
import { check, settled } from '../checker/checker.js';
import type { Violation } from '../checker/invariants.js';
import type { Child } from '../system/child.js';
import type { ProcessOptions, System } from '../system/system.js';
import { inputOf, target, warmUp } from './load.js';
import { ends } from './resumes.js';
import { bound, inSystem, type Context, type Scenario } from './scenario.js';

/** One way in which somebody outside fails, and what a run makes of it. */
export interface Case {
  readonly name: string;
  readonly script: Partial<ModelScript>;
  /** How the ledger answers the calls of this case: the beginning of a path, without the slash. */
  readonly ledger?: {
    readonly path: string;
    readonly mode: LedgerMode;
    readonly times?: number;
    readonly retryAfter?: number;
  };
  /** The status, and after a colon what it waits for or why it failed. */
  readonly ends: string;
  /** How often the model is asked. */
  readonly modelCalls?: number;
  /** Between its first calls, at least. */
  readonly gapsMs?: readonly number[];
  /** From the first call to the end, at most. */
  readonly withinMs?: number;
  /** What was done at the ledger under the path of this case. */
  readonly effects?: number;
}

export interface Cases {
  readonly id: string;
  readonly title: string;
  readonly cases: readonly Case[];
  /** One after the other, where a breaker would tell them apart otherwise. */
  readonly isInOrder?: boolean;
  readonly worker?: ProcessOptions;
  /** By how much the heap may be larger at any time than it was before. */
  readonly maxHeapMb?: number;
}

/** The longest: four tries with their pauses, or the limits of a model that says nothing. */
const CASE_MS = 45_000;

const endOf = ({ head }: Run): string => [head.status, head.reason ?? head.code].filter(Boolean).join(':');

function* wrongIn(one: Case, run: Run, calls: readonly number[], effects: number): Generator<Violation> {
  const of = (what: string): Violation => ({ rule: 'bound', what: `${one.name}: ${what}` });
  if (endOf(run) !== one.ends) yield of(`ended ${endOf(run)}, not ${one.ends}`);
  if (one.modelCalls !== undefined && calls.length !== one.modelCalls)
    yield of(`the model was asked ${calls.length} times, not ${one.modelCalls}`);
  for (const [index, least] of (one.gapsMs ?? []).entries()) {
    const gap = (calls[index + 1] ?? Number.NaN) - (calls[index] ?? 0);
    if (!(gap >= least)) yield of(`asked again after ${Math.round(gap)} ms, not ${least}`);
  }
  const took = (run.head.endedAt ?? Number.NaN) - (run.head.startedAt ?? 0);
  if (one.withinMs !== undefined && !(took <= one.withinMs)) yield of(`took ${took} ms, at most ${one.withinMs}`);
  if (one.effects !== undefined && effects !== one.effects) yield of(`${effects} effects, not ${one.effects}`);
}

/** Between two looks; each collects what nobody holds any more. */
const LOOK_MS = 50;

/** The most that a process really held while something went on, in megabytes more than before. */
async function heapDuring(child: Child, work: Promise<unknown>): Promise<number> {
  const before = (await child.rest()).heapBytes;
  let most = before;
  const done = work.then(() => true);
  while (!(await Promise.race([done, delay(LOOK_MS, false)]))) most = Math.max(most, (await child.rest()).heapBytes);
  return (most - before) / 2 ** 20;
}

async function play({ cases, isInOrder = false, worker = {}, maxHeapMb }: Cases, system: System) {
  const own = await system.worker(worker);
  const at = await target(system);
  const ids: string[] = [];
  const playing = async (): Promise<void> => {
    for (const one of cases) {
      if (one.ledger) await system.setLedger({ ...one.ledger, path: `/${one.ledger.path}` });
      const { id } = await system.world.start({ ...at, input: inputOf(one.script, one.name) });
      ids.push(id);
      if (isInOrder) await settled(system, [id], CASE_MS);
    }
    await settled(system, ids, CASE_MS);
  };
  let [heapMb, peakMb] = [0, 0];
  if (maxHeapMb === undefined) await playing();
  else {
    await warmUp(system, at);
    await system.rest();
    own.peakBytes();
    const before = own.memoryBytes;
    heapMb = await heapDuring(own, playing());
    peakMb = (own.peakBytes() - before) / 2 ** 20;
  }
  const [calls, done] = await Promise.all([system.modelCalls(), system.effects()]);
  const { runs, violations, rests } = await check(system, ids);
  const wrong = cases.flatMap((one, index) => {
    const run = runs.find(({ id }) => id === ids[index]);
    const path = `/${one.ledger?.path ?? ''}`;
    const effects = done.filter((effect) => effect.path === path).length;
    return run ? [...wrongIn(one, run, calls[one.name] ?? [], effects)] : [];
  });
  return {
    figures: `${cases.length} cases; ${ends(runs)}${maxHeapMb === undefined ? '' : `; heap at most ${heapMb.toFixed(1)} MB larger, resident at most ${peakMb.toFixed(0)} MB; ${rests}`}`,
    violations: [
      ...violations,
      ...wrong,
      ...bound(maxHeapMb === undefined || heapMb <= maxHeapMb, `the heap grew by ${heapMb.toFixed(1)} MB`),
    ],
  };
}

export const scenarioOf = (cases: Cases): Scenario => ({
  id: cases.id,
  title: cases.title,
  run: (context: Context) => inSystem(context, (system) => play(cases, system)),
});
