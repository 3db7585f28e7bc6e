import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import {
  compare,
  compileFilter,
  decode,
  Doc,
  encode,
  find,
  Int32,
  parseSort,
  sortKeys,
  type Value,
} from '../semantics/index.ts';
import { encodeKey } from './keys.ts';
import { openStore } from './index.ts';
import { fields, filter, index, sort } from './testing/arbitraries.ts';
import type { Query, Store } from './types.ts';

const RUNS = 300;
/** A filter that means nothing to MongoDB is refused by both sides alike. */
const refused = Symbol('refused');

describe('plans', () => {
  let folder: string;
  let store: Store;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'plans-'));
    store = openStore({ folder, readers: 0 });
  });
  afterAll(async () => {
    await store.close();
    rmSync(folder, { recursive: true });
  });

  async function all(query: Query): Promise<Doc[]> {
    const rows = store.find(query);
    const found: Doc[] = [];
    for (;;) {
      // Small batches: every one goes on from a position.
      const { documents, done } = await rows.next({ documents: 2, bytes: 1_000_000 });
      found.push(...documents.map((bytes) => decode(bytes)));
      if (done) return found;
    }
  }

  const reference = (documents: Doc[], query: Query): Doc[] | typeof refused => {
    try {
      return find(documents, query);
    } catch {
      return refused;
    }
  };

  async function fill(ns: string, documents: readonly Doc[], indexes: readonly Doc[], late: boolean): Promise<Doc[]> {
    const specs = indexes.map((spec, at) => spec.clone().set('name', `index${at}`));
    const create = async (): Promise<void> => {
      for (const spec of specs) await store.createIndexes(ns, [spec]).catch(() => undefined);
    };
    if (!late) await create();
    const kept: Doc[] = [];
    for (const doc of documents)
      await store
        .transact((tx) => tx.insert(ns, doc))
        .then(
          () => kept.push(doc),
          () => undefined,
        );
    if (late) await create();
    return kept;
  }

  const best = (doc: Doc, order: Doc): Value[] => {
    const parts = parseSort(order);
    const byParts = (a: Value[], b: Value[]): number =>
      parts.map(({ direction }, i) => compare(a[i]!, b[i]!) * direction).find((difference) => difference !== 0) ?? 0;
    return sortKeys(
      doc,
      parts.map(({ path }) => path),
    ).toSorted(byParts)[0]!;
  };

  const ids = (documents: readonly Doc[]): string[] => documents.map((doc) => encode(doc).toString('hex'));

  function sameOrder(mine: Doc[], expected: Doc[], order: Doc): boolean {
    if (order.has('_id')) return ids(mine).join() === ids(expected).join();
    if (order.size === 0) return true;
    const directions = parseSort(order).map(({ direction }) => direction);
    const keys = (list: Doc[]): string =>
      list.map((doc) => encodeKey(best(doc, order), directions).toString('hex')).join();
    return keys(mine) === keys(expected);
  }

  /** What is wrong with a result, if anything; without a total order any choice among equals is right. */
  function fault(mine: Doc[], expected: Doc[], documents: Doc[], query: Query): string | undefined {
    if (mine.length !== expected.length) return `${mine.length} instead of ${expected.length} documents`;
    if (new Set(ids(mine)).size !== mine.length) return 'a document came twice';
    const { matches } = compileFilter(query.filter);
    const matching = new Set(ids(documents.filter((doc) => matches(doc))));
    if (!ids(mine).every((id) => matching.has(id))) return 'a document does not match';
    return sameOrder(mine, expected, query.sort ?? new Doc()) ? undefined : 'wrong order';
  }

  it('find what a look at every document finds, in the same order', async () => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fields, { maxLength: 14 }),
        fc.array(index, { minLength: 1, maxLength: 3 }),
        fc.array(fc.tuple(filter, sort, fc.nat(3), fc.nat(4)), { minLength: 4, maxLength: 8 }),
        fc.boolean(),
        async (contents, indexes, queries, late) => {
          const ns = `plans.c${(run += 1)}`;
          const documents = contents.map((one, at) => new Doc([['_id', new Int32(at)], ...one]));
          const kept = await fill(ns, documents, indexes, late);
          const faults: Array<string | undefined> = [];
          for (const [where, order, skip, limit] of queries) {
            const query = { ns, filter: where, sort: order, skip, limit };
            const expected = reference(kept, query);
            if (expected !== refused) faults.push(fault(await all(query), expected, kept, query));
          }
          expect(faults.filter((one) => one !== undefined)).toEqual([]);
          await store.dropCollection(ns).catch(() => undefined);
        },
      ),
      { numRuns: RUNS },
    );
  }, 60_000);
});
