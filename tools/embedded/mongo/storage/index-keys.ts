import { Doc, MongoError, type Value } from '../semantics/index.ts';
import { indexKeys } from '../semantics/sort.ts';
import { encodeKey } from './keys.ts';
import type { IndexDefinition } from './types.ts';

type Field = Value | undefined;

export interface DocumentKeys {
  readonly keys: readonly Buffer[];
  /** Per part: whether this document has an array on the path; `undefined` when on none. */
  readonly multikey: readonly boolean[] | undefined;
}

const NONE: DocumentKeys = { keys: [], multikey: undefined };

/** The value at the end of the path, or the first array on the way. */
function reach(doc: Doc, parts: readonly string[]): Field {
  let value: Field = doc;
  for (const part of parts) {
    if (!(value instanceof Doc)) return Array.isArray(value) ? value : undefined;
    value = value.get(part);
  }
  return value;
}

function spreadKeys(doc: Doc, index: IndexDefinition): Field[][] {
  try {
    return indexKeys(
      doc,
      index.parts.map(({ parts }) => parts),
    );
  } catch (error) {
    // Sorting has its own code for what an index cannot hold.
    if (!(error instanceof MongoError)) throw error;
    const arrays = index.parts.filter(({ parts }) => Array.isArray(reach(doc, parts))).map(({ path }) => `[${path}]`);
    throw new MongoError(171, `cannot index parallel arrays ${arrays.toReversed().join(' ')}`);
  }
}

/** The fields of a document under an index, before they become bytes. */
export function fieldsOf(doc: Doc, index: IndexDefinition): Field[][] {
  const single = index.parts.map(({ parts }) => reach(doc, parts));
  const keys = single.some((value) => Array.isArray(value)) ? spreadKeys(doc, index) : [single];
  return index.sparse ? keys.filter((key) => key.some((value) => value !== undefined)) : keys;
}

function distinct(keys: readonly Buffer[]): Buffer[] {
  if (keys.length < 2) return [...keys];
  const sorted = keys.toSorted((a, b) => Buffer.compare(a, b));
  return sorted.filter((key, at) => at === 0 || !key.equals(sorted[at - 1]!));
}

/** The keys a document has in an index, each once and in order. */
export function keysOf(doc: Doc, index: IndexDefinition): DocumentKeys {
  if (index.covers && !index.covers(doc)) return NONE;
  const { parts } = index;
  const directions = parts.map(({ direction }) => direction);
  const multikey = parts.map(({ parts: path }) => Array.isArray(reach(doc, path)));
  const keys = fieldsOf(doc, index).map((fields) => encodeKey(fields, directions));
  return { keys: distinct(keys), multikey: multikey.includes(true) ? multikey : undefined };
}

/** Whether no field that decides on an index entry was touched: untouched values are the same objects. */
export function sameFields(index: IndexDefinition, before: Doc, after: Doc): boolean {
  for (const root of rootsOf(index)) if (before.get(root) !== after.get(root)) return false;
  return true;
}

const roots = new WeakMap<IndexDefinition, readonly string[]>();

function rootsOf(index: IndexDefinition): readonly string[] {
  const known = roots.get(index);
  if (known) return known;
  const names = new Set(index.parts.map(({ parts }) => parts[0]!));
  if (index.partial) collectRoots(index.partial, names);
  const list = [...names];
  roots.set(index, list);
  return list;
}

function collectRoots(filter: Doc, names: Set<string>): void {
  for (const [name, operand] of filter) {
    if (!name.startsWith('$')) names.add(name.split('.')[0]!);
    else if (Array.isArray(operand))
      for (const branch of operand) if (branch instanceof Doc) collectRoots(branch, names);
  }
}
