import { decode, Doc, encode, type Value } from '../semantics/index.ts';
import { documentsTable, indexTable, type CatalogueWriter } from './catalogue.ts';
import { blob, type Connection } from './connection.ts';
import { DuplicateKeyError } from './errors.ts';
import { fieldsOf, keysOf, sameFields, type DocumentKeys } from './index-keys.ts';
import { encodeKey } from './keys.ts';
import { documentText } from './shell-text.ts';
import type { CollectionDefinition, IndexDefinition, StoredRecord } from './types.ts';

interface Change {
  readonly index: IndexDefinition;
  readonly added: readonly Buffer[];
  readonly removed: readonly Buffer[];
  readonly multikey: readonly boolean[] | undefined;
}

const without = (keys: readonly Buffer[], others: readonly Buffer[]): readonly Buffer[] =>
  others.length === 0 ? keys : keys.filter((key) => !others.some((other) => other.equals(key)));

function duplicate(collection: CollectionDefinition, index: IndexDefinition, fields: Array<Value | undefined>): Error {
  const keyValue = new Doc(index.parts.map(({ path }, at) => [path, fields[at] ?? null] as const));
  const keyPattern = index.spec.get('key') as Doc; // checked when it was created
  return new DuplicateKeyError(
    `E11000 duplicate key error collection: ${collection.ns} index: ${index.name} dup key: ${documentText(keyValue)}`,
    keyPattern,
    keyValue,
  );
}

/**
 * Changes documents together with their index entries. All checks come before the first write, so what throws has
 * done nothing.
 */
export class RecordWriter {
  private readonly connection: Connection;
  private readonly catalogue: CatalogueWriter;

  constructor(connection: Connection, catalogue: CatalogueWriter) {
    this.connection = connection;
    this.catalogue = catalogue;
  }

  insert(collection: CollectionDefinition, doc: Doc): void {
    const changes = collection.indexes.map((index): Change => ({ index, ...added(keysOf(doc, index)) }));
    this.checkUnique(collection, changes, doc, 0);
    const id = Number(this.connection.run(`INSERT INTO ${documentsTable(collection)} (doc) VALUES (?)`, encode(doc)));
    this.apply(collection, changes, id);
  }

  replace(collection: CollectionDefinition, record: StoredRecord, doc: Doc): void {
    const changes: Change[] = [];
    for (const index of collection.indexes) {
      if (sameFields(index, record.doc, doc)) continue;
      const before = keysOf(record.doc, index).keys;
      const { keys, multikey } = keysOf(doc, index);
      changes.push({ index, added: without(keys, before), removed: without(before, keys), multikey });
    }
    this.checkUnique(collection, changes, doc, record.id);
    this.connection.run(`UPDATE ${documentsTable(collection)} SET doc = ? WHERE id = ?`, encode(doc), record.id);
    this.apply(collection, changes, record.id);
  }

  remove(collection: CollectionDefinition, record: StoredRecord): void {
    for (const index of collection.indexes) this.removeKeys(index, keysOf(record.doc, index).keys, record.id);
    this.connection.run(`DELETE FROM ${documentsTable(collection)} WHERE id = ?`, record.id);
  }

  get(collection: CollectionDefinition, id: number): StoredRecord | undefined {
    const row = this.connection.get(`SELECT doc FROM ${documentsTable(collection)} WHERE id = ?`, id);
    if (!row) return undefined;
    const bytes = blob(row[0]);
    return { id, bytes, doc: decode(bytes) };
  }

  /** Gives an existing document its entries in a new index. */
  addToIndex(collection: CollectionDefinition, index: IndexDefinition, record: StoredRecord): void {
    const { keys, multikey } = keysOf(record.doc, index);
    const missing = keys.filter(
      (key) => !this.connection.get(`SELECT 1 FROM ${indexTable(index)} WHERE key = ? AND id = ?`, key, record.id),
    );
    const change = { index, added: missing, removed: [], multikey };
    this.checkUnique(collection, [change], record.doc, record.id);
    this.apply(collection, [change], record.id);
  }

  private checkUnique(collection: CollectionDefinition, changes: readonly Change[], doc: Doc, own: number): void {
    for (const { index, added: keys } of changes) {
      if (!index.unique) continue;
      for (const key of keys) {
        if (!this.connection.get(`SELECT id FROM ${indexTable(index)} WHERE key = ? AND id <> ?`, key, own)) continue;
        const directions = index.parts.map(({ direction }) => direction);
        const fields = fieldsOf(doc, index).find((one) => encodeKey(one, directions).equals(key));
        throw duplicate(collection, index, fields ?? []);
      }
    }
  }

  private apply(collection: CollectionDefinition, changes: readonly Change[], id: number): void {
    for (const { index, added: keys, removed, multikey } of changes) {
      this.removeKeys(index, removed, id);
      for (const key of keys) this.connection.run(`INSERT INTO ${indexTable(index)} (key, id) VALUES (?, ?)`, key, id);
      if (multikey) this.markMultikey(collection, index, multikey);
    }
  }

  private removeKeys(index: IndexDefinition, keys: readonly Buffer[], id: number): void {
    for (const key of keys) this.connection.run(`DELETE FROM ${indexTable(index)} WHERE key = ? AND id = ?`, key, id);
  }

  private markMultikey({ ns }: CollectionDefinition, { id }: IndexDefinition, seen: readonly boolean[]): void {
    const index = this.catalogue.current.get(ns)?.indexes.find((one) => one.id === id);
    if (!index || seen.every((multikey, at) => !multikey || index.multikey[at])) return;
    this.catalogue.changeIndex(ns, {
      ...index,
      multikey: index.multikey.map((known, at) => known || seen[at] === true),
    });
  }
}

const added = ({ keys, multikey }: DocumentKeys): Omit<Change, 'index'> => ({ added: keys, removed: [], multikey });
