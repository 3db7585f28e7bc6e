import { checkDocument, decode, type Doc } from '../semantics/index.ts';
import { documentsTable, indexTable, loadCatalogue } from './catalogue.ts';
import { blob, Connection } from './connection.ts';
import { dataFile, lockFolder } from './folder.ts';
import { keysOf } from './index-keys.ts';
import type { CollectionDefinition, IndexDefinition } from './types.ts';

/** Something that should not be. */
export interface Finding {
  readonly ns: string;
  readonly problem: string;
}

type Report = (problem: string) => void;

function readable(bytes: Buffer, report: Report, id: number): Doc | undefined {
  try {
    const doc = decode(bytes);
    checkDocument(doc);
    if (!doc.has('_id')) report(`document ${id} has no _id`);
    return doc;
  } catch (error) {
    report(`document ${id} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}

function checkEntries(
  connection: Connection,
  index: IndexDefinition,
  found: { id: number; doc: Doc },
  report: Report,
): void {
  const { keys, multikey } = keysOf(found.doc, index);
  for (const key of keys) {
    if (!connection.get(`SELECT 1 FROM ${indexTable(index)} WHERE key = ? AND id = ?`, key, found.id))
      report(`index ${index.name} lacks an entry of document ${found.id}`);
  }
  if (multikey?.some((is, at) => is && !index.multikey[at])) report(`index ${index.name} is not marked as multikey`);
}

/** Surplus entries show in the count: every expected one was looked up. */
function checkCount(connection: Connection, index: IndexDefinition, expected: number, report: Report): void {
  const entries = Number(connection.get(`SELECT count(*) FROM ${indexTable(index)}`)?.[0]);
  if (entries !== expected) report(`index ${index.name} has ${entries} entries, its documents need ${expected}`);
  if (!index.unique) return;
  const twice = connection.get(`SELECT count(*) - count(DISTINCT key) FROM ${indexTable(index)}`)?.[0];
  if (twice !== 0) report(`unique index ${index.name} has ${String(twice)} duplicates`);
}

function checkCollection(connection: Connection, collection: CollectionDefinition, report: Report): void {
  const expected = new Map<IndexDefinition, number>(collection.indexes.map((index) => [index, 0]));
  for (const [id, bytes] of connection.iterate(`SELECT id, doc FROM ${documentsTable(collection)}`)) {
    const doc = readable(blob(bytes), report, Number(id));
    if (!doc) continue;
    for (const index of collection.indexes.filter(({ ready }) => ready)) {
      checkEntries(connection, index, { id: Number(id), doc }, report);
      expected.set(index, expected.get(index)! + keysOf(doc, index).keys.length);
    }
  }
  for (const [index, entries] of expected) if (index.ready) checkCount(connection, index, entries, report);
}

/** Checks the file and that every index agrees with its documents, both ways. The store must not be open. */
export function fsck(folder: string): readonly Finding[] {
  const lock = lockFolder(folder);
  const connection = new Connection(dataFile(folder), false);
  const findings: Finding[] = [];
  try {
    for (const [line] of connection.all('PRAGMA integrity_check'))
      if (line !== 'ok') findings.push({ ns: '', problem: String(line) });
    for (const collection of loadCatalogue(connection).values())
      checkCollection(connection, collection, (problem) => findings.push({ ns: collection.ns, problem }));
  } finally {
    connection.close();
    lock.release();
  }
  return findings;
}
