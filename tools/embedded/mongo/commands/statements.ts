import { setImmediate as nextTurn } from 'node:timers/promises';
import { MongoError } from '../semantics/errors.ts';
import { Doc, Int32, type Value } from '../semantics/value.ts';
import { MAX_WRITE_BATCH } from '../server/limits.ts';
import type { Tx } from '../storage/types.ts';
import type { Call, Reply, Services } from './call.ts';
import { Answers } from './retries.ts';

/** A turn of the loop does not write for longer than this before others get theirs. */
const SLICE_MS = 10;

/** One insert, update or delete of a command: all at once in a transaction, or in slices of its own. */
export interface Statement {
  readonly now: (tx: Tx) => Doc;
  readonly sliced?: () => Promise<Doc>;
}

/** Builds a statement; what is wrong with it is that statement's error. */
type Build = (index: number) => Statement;

export interface Outcome {
  readonly answers: ReadonlyArray<{ readonly index: number; readonly answer: Doc }>;
  readonly errors: readonly Doc[];
}

/** The error of one statement, as drivers read it. */
function writeError(index: number, error: MongoError): Doc {
  const shown = Doc.of({ index: new Int32(index), code: new Int32(error.code) });
  for (const name of ['keyPattern', 'keyValue'] as const)
    if (name in error) shown.set(name, (error as unknown as Record<string, Value>)[name]!);
  return shown.set('errmsg', error.message);
}

export function checkBatch(count: number): void {
  if (count < 1 || count > MAX_WRITE_BATCH)
    throw new MongoError(16, `Write batch sizes must be between 1 and ${MAX_WRITE_BATCH}. Got ${count} operations.`);
}

interface Progress {
  readonly answers: Array<{ index: number; answer: Doc }>;
  readonly errors: Doc[];
  next: number;
  /** What is kept of the statements so far, should they be sent again. */
  stored?: Answers | undefined;
}

interface Batch {
  readonly call: Call;
  readonly services: Services;
  readonly count: number;
  readonly ordered: boolean;
  readonly build: Build;
}

const stopped = ({ ordered }: Batch, { errors }: Progress): boolean => ordered && errors.length > 0;

function failed(progress: Progress, index: number, error: unknown): void {
  if (!(error instanceof MongoError)) throw error;
  progress.errors.push(writeError(index, error));
}

/** Statements one after the other in one transaction, until time is up or one needs slices of its own. */
function slice(batch: Batch, progress: Progress, tx: Tx): Statement | undefined {
  const { call, count, build } = batch;
  const answers = Answers.of(tx, call.session, progress.stored);
  progress.stored = answers;
  const until = performance.now() + SLICE_MS;
  let alone: Statement | undefined;
  while (progress.next < count && !stopped(batch, progress) && performance.now() < until) {
    const index = progress.next;
    const known = answers?.get(index);
    try {
      const statement = known ? undefined : build(index);
      if (statement?.sliced) {
        alone = statement;
        break;
      }
      // Without a statement the answer is known.
      const answer = statement?.now(tx) ?? known!;
      if (!known) answers?.add(index, answer);
      progress.answers.push({ index, answer });
    } catch (error) {
      failed(progress, index, error);
    }
    progress.next += 1;
  }
  answers?.store(tx);
  return alone;
}

/** All statements of a command in their order. Each slice is on disk before the next begins. */
export async function runStatements(batch: Batch): Promise<Outcome> {
  const progress: Progress = { answers: [], errors: [], next: 0 };
  const { deadline } = batch.call;
  while (progress.next < batch.count && !stopped(batch, progress)) {
    if (deadline !== undefined && performance.now() > deadline)
      throw new MongoError(50, 'operation exceeded time limit');
    const alone = await batch.services.store.transact((tx) => slice(batch, progress, tx));
    if (alone?.sliced) await runAlone(alone.sliced, progress);
    if (progress.next < batch.count) await nextTurn();
  }
  return progress;
}

async function runAlone(run: () => Promise<Doc>, progress: Progress): Promise<void> {
  const index = progress.next;
  try {
    progress.answers.push({ index, answer: await run() });
  } catch (error) {
    failed(progress, index, error);
  }
  progress.next += 1;
}

const whole = (doc: Doc, name: string): number => {
  const value = doc.get(name);
  return value instanceof Int32 ? value.value : 0;
};

/** The sum of one field over all answers. */
export const sum = ({ answers }: Outcome, name: string): Int32 =>
  new Int32(answers.reduce((total, { answer }) => total + whole(answer, name), 0));

export const withErrors = (reply: Reply, { errors }: Outcome): Reply =>
  errors.length > 0 ? { ...reply, writeErrors: [...errors] } : reply;
