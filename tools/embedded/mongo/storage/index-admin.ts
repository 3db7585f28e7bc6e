import { setImmediate as turn } from 'node:timers/promises';
import { decode, Doc, equals, MongoError, type Value } from '../semantics/index.ts';
import { documentsTable, type CatalogueWriter } from './catalogue.ts';
import { blob, type Connection } from './connection.ts';
import { checkSpec } from './index-spec.ts';
import { DuplicateKeyError } from './errors.ts';
import { documentText } from './shell-text.ts';
import type { StoreTx } from './tx.ts';
import type { CollectionDefinition, CreatedIndexes, IndexDefinition } from './types.ts';
import type { RecordWriter } from './writer.ts';

type Transact = <T>(work: (tx: StoreTx) => T) => Promise<T>;

interface Parts {
  readonly connection: Connection;
  readonly catalogue: CatalogueWriter;
  readonly writer: RecordWriter;
  readonly transact: Transact;
}

/** One slice of an index build: other clients wait no longer. */
const SLICE_MS = 10;

/** MongoDB's limit for a collection, `_id_` included. */
const MAX_INDEXES = 64;

const OPTIONS = ['unique', 'sparse', 'expireAfterSeconds', 'partialFilterExpression'];

const sameOptions = (left: Doc, right: Doc): boolean =>
  OPTIONS.every((option) => {
    const a = left.get(option);
    const b = right.get(option);
    return a === undefined || b === undefined ? a === b : equals(a, b);
  });

/** What makes a different index of the same key: MongoDB keeps such apart. */
const sameSignature = (left: Doc, right: Doc): boolean =>
  equals(left.get('key')!, right.get('key')!) &&
  ['partialFilterExpression'].every((option) => equals(left.get(option) ?? null, right.get(option) ?? null));

/** Whether the index is there already; throws when it would be in the way of another. */
function alreadyThere(collection: CollectionDefinition, spec: Doc): boolean {
  const name = spec.get('name');
  const byName = collection.indexes.find((index) => index.name === name);
  const byKey = collection.indexes.find((index) => sameSignature(index.spec, spec));
  if (byName && !sameSignature(byName.spec, spec))
    throw new MongoError(
      86,
      `An existing index has the same name as the requested index. Requested index: ${documentText(spec)}, existing index: ${documentText(byName.spec)}`,
    );
  if (!byKey) return false;
  if (byKey.name === '_id_') return true;
  if (byKey.name !== name) throw new MongoError(85, `Index already exists with a different name: ${byKey.name}`);
  if (sameOptions(byKey.spec, spec)) return true;
  throw new MongoError(
    85,
    `An equivalent index already exists with the same name but different options. Requested index: ${documentText(spec)}, existing index: ${documentText(byKey.spec)}`,
  );
}

function checkRoom({ ns, indexes }: CollectionDefinition, spec: Doc): void {
  if (indexes.length < MAX_INDEXES) return;
  const key = documentText(spec.get('key') as Doc); // checked before
  throw new MongoError(67, `add index fails, too many indexes for ${ns} key:${key}`);
}

/** Makes and drops indexes; a new one fills in slices while others read and write. */
export class IndexAdmin {
  private readonly parts: Parts;

  constructor(parts: Parts) {
    this.parts = parts;
  }

  async create(ns: string, specs: readonly Doc[]): Promise<CreatedIndexes> {
    const checked = specs.map(checkSpec);
    const { catalogue, transact } = this.parts;
    const begun = await transact((tx) => {
      const createdCollection = !tx.collection(ns);
      const collection = tx.create(ns);
      const made: IndexDefinition[] = [];
      for (const spec of checked) {
        const now = tx.collection(ns)!;
        if (alreadyThere(now, spec)) continue;
        checkRoom(now, spec);
        made.push(catalogue.addIndex(ns, spec, false));
      }
      return { createdCollection, before: collection.indexes.length, made };
    });
    try {
      for (const index of begun.made) await this.fill(ns, index);
    } catch (error) {
      await this.undo(ns, begun.made);
      throw error;
    }
    await transact((tx) => {
      for (const { id } of begun.made) {
        const index = tx.collection(ns)?.indexes.find((one) => one.id === id);
        if (index) catalogue.changeIndex(ns, { ...index, ready: true });
      }
    });
    await this.othersReady(ns, checked, begun.made);
    return {
      createdCollection: begun.createdCollection,
      before: begun.before,
      after: begun.before + begun.made.length,
    };
  }

  /** Another caller may be filling what this one asked for too: it is only there once that is done. */
  private async othersReady(ns: string, specs: readonly Doc[], made: readonly IndexDefinition[]): Promise<void> {
    const unfinished = (): boolean =>
      (this.parts.catalogue.current.get(ns)?.indexes ?? []).some(
        ({ id, name, ready }) =>
          !ready && !made.some((one) => one.id === id) && specs.some((spec) => spec.get('name') === name),
      );
    while (unfinished()) await turn();
    // Finished in the open group: answered when that is on disk.
    await this.parts.transact(() => undefined);
  }

  private async fill(ns: string, { id }: IndexDefinition): Promise<void> {
    let last = 0;
    while (last !== Infinity) last = await this.parts.transact((tx) => this.fillSlice(tx, ns, { id, from: last }));
  }

  private fillSlice(tx: StoreTx, ns: string, { id: indexId, from }: { id: number; from: number }): number {
    const collection = tx.collection(ns);
    const index = collection?.indexes.find((one) => one.id === indexId);
    if (!collection || !index) throw new MongoError(276, `index build of ${ns} was aborted`);
    const until = performance.now() + SLICE_MS;
    let last = from;
    while (performance.now() < until) {
      const row = this.parts.connection.get(
        `SELECT id, doc FROM ${documentsTable(collection)} WHERE id > ? ORDER BY id LIMIT 1`,
        last,
      );
      if (!row) return Infinity;
      last = Number(row[0]);
      const bytes = blob(row[1]);
      try {
        this.parts.writer.addToIndex(collection, index, { id: last, bytes, doc: decode(bytes) });
      } catch (error) {
        if (!(error instanceof DuplicateKeyError)) throw error;
        const uuid = collection.uuid.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
        const message = `Index build failed: Collection ${ns} ( ${uuid} ) :: caused by :: ${error.message}`;
        throw new DuplicateKeyError(message, error.keyPattern, error.keyValue);
      }
    }
    return last;
  }

  private async undo(ns: string, made: readonly IndexDefinition[]): Promise<void> {
    await this.parts.transact((tx) => {
      for (const { id } of made) {
        const index = tx.collection(ns)?.indexes.find((one) => one.id === id);
        if (index) this.parts.catalogue.removeIndex(ns, index);
      }
    });
  }

  drop(ns: string, which: Value): Promise<number> {
    return this.parts.transact((tx) => {
      const collection = tx.collection(ns);
      if (!collection) throw new MongoError(26, `ns not found ${ns}`);
      for (const index of chosen(collection, which)) this.parts.catalogue.removeIndex(ns, index);
      return collection.indexes.length;
    });
  }
}

function chosen(collection: CollectionDefinition, which: Value): IndexDefinition[] {
  if (which === '*') return collection.indexes.filter(({ name }) => name !== '_id_');
  if (Array.isArray(which)) return which.flatMap((name) => [byName(collection, name)]);
  if (which instanceof Doc) return [byPattern(collection, which)];
  return [byName(collection, which)];
}

const droppable = (index: IndexDefinition): IndexDefinition => {
  if (index.name === '_id_') throw new MongoError(72, 'cannot drop _id index');
  return index;
};

function byName(collection: CollectionDefinition, name: Value): IndexDefinition {
  if (typeof name !== 'string') throw new MongoError(14, 'dropIndexes takes names or a key pattern');
  const found = collection.indexes.find((index) => index.name === name);
  if (!found) throw new MongoError(27, `index not found with name [${name}]`);
  return droppable(found);
}

function byPattern(collection: CollectionDefinition, key: Doc): IndexDefinition {
  const found = collection.indexes.filter((index) => equals(index.spec.get('key')!, key));
  if (found.length > 1)
    throw new MongoError(181, `${found.length} indexes found for key: ${documentText(key)}, identify by name instead.`);
  if (!found[0]) throw new MongoError(27, `can't find index with key: ${documentText(key)}`);
  return droppable(found[0]);
}
