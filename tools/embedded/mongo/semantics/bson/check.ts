import { MongoError } from '../errors.ts';
import { Doc, type Value } from '../value.ts';

/** MongoDB's own limit for what it stores. */
const MAX_DEPTH = 180;

function walk(value: Value, depth: number): void {
  if (!(value instanceof Doc) && !Array.isArray(value)) return;
  if (depth > MAX_DEPTH) throw new MongoError(15, `Document exceeds maximum nested object depth: ${MAX_DEPTH}`);
  for (const inner of value.values()) walk(inner, depth + 1);
}

/** Reads every byte of a document before it is stored: decoding is lazy, so nothing else finds what is malformed deep inside. */
export const checkDocument = (document: Doc): void => walk(document, 1);
