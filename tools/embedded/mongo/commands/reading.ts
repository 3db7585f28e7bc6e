import { decode } from '../semantics/bson/decode.ts';
import { encode } from '../semantics/bson/encode.ts';
import { MongoError } from '../semantics/errors.ts';
import { Doc, type Value } from '../semantics/value.ts';
import { MAX_DOCUMENT_BYTES } from '../server/limits.ts';
import type { Batch, BatchLimits, Rows } from '../storage/types.ts';
import type { Call, Reply, Services } from './call.ts';

/** MongoDB's: documents of a first batch when nothing is said; later batches are bounded by bytes. */
const FIRST_BATCH = 101;

const late = (): MongoError => new MongoError(50, 'operation exceeded time limit');

/** What takes longer than `maxTimeMS` is given up. */
export async function within<T>(deadline: number | undefined, work: Promise<T>, giveUp?: () => void): Promise<T> {
  if (deadline === undefined) return work;
  const over = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => {
      giveUp?.();
      over.reject(late());
    },
    Math.max(0, deadline - performance.now()),
  );
  try {
    return await Promise.race([work, over.promise]);
  } finally {
    clearTimeout(timer);
    // Whichever lost has nobody left to tell.
    work.catch(() => undefined);
  }
}

/** A result that is already there. */
export class ListRows implements Rows {
  private readonly documents: readonly Doc[];
  private at = 0;

  constructor(documents: readonly Doc[]) {
    this.documents = documents;
  }

  next({ documents }: BatchLimits): Promise<Batch> {
    const end = Math.min(this.documents.length, this.at + documents);
    const batch = this.documents.slice(this.at, end).map(encode);
    this.at = end;
    return Promise.resolve({ documents: batch, done: end === this.documents.length });
  }

  close(): void {
    this.at = this.documents.length;
  }
}

export interface FirstBatch {
  readonly namespace: string;
  readonly rows: Rows;
  readonly batchSize: number | undefined;
  /** `singleBatch`: no cursor is left open. */
  readonly single?: boolean;
  readonly keep?: boolean;
}

const documentsIn = (batch: Batch): Value[] => batch.documents.map((bytes) => decode(bytes));

const NOTHING: Batch = { documents: [], done: false };

const nextOf = (rows: Rows, batchSize: number): Promise<Batch> =>
  rows.next({ documents: batchSize, bytes: MAX_DOCUMENT_BYTES });

/** The answer to what opens a cursor. */
export async function firstBatch(call: Call, { cursors }: Services, first: FirstBatch): Promise<Reply> {
  const { rows, namespace, batchSize = FIRST_BATCH } = first;
  const fetched = batchSize === 0 ? Promise.resolve(NOTHING) : nextOf(rows, batchSize);
  const batch = await within(call.deadline, fetched, () => rows.close()).catch((error: unknown) => {
    rows.close();
    throw error;
  });
  let id = 0n;
  if (batch.done || first.single) rows.close();
  else
    id = cursors.add({
      namespace,
      rows,
      session: call.session?.id,
      keep: first.keep ?? false,
      budgetMs: call.deadline === undefined ? undefined : call.deadline - performance.now(),
    });
  return { cursor: Doc.of({ firstBatch: documentsIn(batch), id, ns: namespace }) };
}

/** The next batch of an open cursor; an error ends it. */
export async function nextBatch(call: Call, { cursors }: Services, wanted: NextBatch): Promise<Reply> {
  const { id, namespace, batchSize } = wanted;
  const cursor = cursors.take(id, namespace, call.session?.id);
  const started = performance.now();
  const deadline = cursor.budgetMs === undefined ? undefined : started + cursor.budgetMs;
  try {
    const batch = await within(deadline, nextOf(cursor.rows, batchSize ?? Infinity));
    if (deadline !== undefined) cursor.budgetMs = deadline - performance.now();
    if (batch.done) cursors.end(id);
    else cursors.release(cursor);
    return { cursor: Doc.of({ nextBatch: documentsIn(batch), id: batch.done ? 0n : id, ns: namespace }) };
  } catch (error) {
    cursors.end(id);
    throw error;
  }
}

interface NextBatch {
  readonly id: bigint;
  readonly namespace: string;
  readonly batchSize: number | undefined;
}
