import { MongoError } from '../semantics/errors.ts';
import type { Selection, StoredRecord, Tx } from '../storage/types.ts';
import type { Call, Services } from './call.ts';

interface Many {
  readonly call: Call;
  readonly services: Services;
  readonly ns: string;
  readonly selection: Selection;
  /** Whether the record, read again, is still meant. */
  readonly matches: (record: StoredRecord) => boolean;
  readonly change: (tx: Tx, record: StoredRecord) => void;
}

/** A turn of the loop does not write for longer than this before others get theirs. */
const SLICE_MS = 10;

/**
 * Changes every match, in slices that let others in. As in MongoDB it is not atomic: what was changed before an
 * error stays changed.
 */
export async function changeMany({ call, services, ns, selection, matches, change }: Many): Promise<void> {
  const { store } = services;
  for await (const ids of store.matching(ns, selection)) {
    let next = 0;
    while (next < ids.length) {
      if (call.deadline !== undefined && performance.now() > call.deadline)
        throw new MongoError(50, 'operation exceeded time limit');
      let failure: unknown;
      await store.transact((tx) => {
        const until = performance.now() + SLICE_MS;
        try {
          for (; next < ids.length && performance.now() < until; next += 1) {
            const record = tx.get(ns, ids[next]!);
            if (record && matches(record)) change(tx, record);
          }
        } catch (error) {
          failure = error;
        }
      });
      if (failure !== undefined) throw failure;
    }
  }
}
