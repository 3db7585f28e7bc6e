import { BsonDate, Doc } from '../semantics/index.ts';
import type { Catalogue } from './catalogue.ts';
import type { StoreTx } from './tx.ts';
import type { IndexDefinition } from './types.ts';

/** Others get their turn between batches. */
const BATCH = 100;

type Transact = <T>(work: (tx: StoreTx) => T) => Promise<T>;

interface Expiry {
  readonly ns: string;
  readonly index: IndexDefinition;
  readonly selection: { readonly filter: Doc; readonly hint: string; readonly limit: number };
}

/** Only dates expire, and of several in an array the earliest decides: each of them is a key of the index. */
function expiryOf(ns: string, index: IndexDefinition, now: number): Expiry | undefined {
  if (index.expireAfterSeconds === undefined || !index.ready) return undefined;
  const limit = new BsonDate(BigInt(Math.trunc(now)) - BigInt(index.expireAfterSeconds) * 1_000n);
  const dated = Doc.of({ [index.parts[0]!.path]: Doc.of({ $lte: limit }) });
  const filter = index.partial ? new Doc([['$and', [dated, index.partial]]]) : dated;
  return { ns, index, selection: { filter, hint: index.name, limit: BATCH } };
}

async function expireBatches(transact: Transact, { ns, index, selection }: Expiry): Promise<number> {
  let total = 0;
  for (;;) {
    const deleted = await transact((tx) => {
      if (!tx.collection(ns)?.indexes.some(({ id }) => id === index.id)) return 0;
      const records = [...tx.candidates(ns, selection)];
      for (const record of records) tx.remove(ns, record);
      return records.length;
    });
    total += deleted;
    if (deleted < BATCH) return total;
  }
}

/** Deletes what has expired and answers how many documents that were. */
export async function expire(transact: Transact, catalogue: Catalogue, now: number): Promise<number> {
  let total = 0;
  for (const { ns, indexes } of catalogue.values())
    for (const index of indexes) {
      const expiry = expiryOf(ns, index, now);
      if (expiry) total += await expireBatches(transact, expiry);
    }
  return total;
}
