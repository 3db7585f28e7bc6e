import { compare } from './compare.ts';
import { badValue, MongoError, NotImplementedError } from './errors.ts';
import { integral, isNumeric, truncated } from './number.ts';
import { arrayIndex } from './path.ts';
import { Doc, UNDEFINED, type Value } from './value.ts';

export interface SortPart {
  readonly path: readonly string[];
  readonly direction: 1 | -1;
}

function direction(path: string, value: Value): 1 | -1 {
  if (value instanceof Doc) {
    if (value.has('$meta')) throw new NotImplementedError('$meta');
    throw new MongoError(15974, `Illegal key in $sort specification: ${path}`);
  }
  if (!isNumeric(value)) throw new MongoError(15974, `Illegal key in $sort specification: ${path}`);
  // A fraction is cut off, as the server does: 1.5 sorts like 1.
  const whole = integral(value) ?? truncated(value);
  if (whole !== 1n && whole !== -1n)
    throw new MongoError(15975, '$sort key ordering must be 1 (for ascending) or -1 (for descending)');
  return whole === 1n ? 1 : -1;
}

export function checkFieldPath(path: string): string[] {
  if (path === '') throw new MongoError(40352, 'FieldPath cannot be constructed with empty string');
  if (path.endsWith('.')) throw new MongoError(40353, "FieldPath must not end with a '.'.");
  const parts = path.split('.');
  for (const part of parts) {
    if (part === '') throw new MongoError(15998, 'FieldPath field names may not be empty strings.');
    if (part.startsWith('$')) throw new MongoError(16410, `FieldPath field names may not start with '$'.`);
  }
  return parts;
}

export function parseSort(sort: Doc): SortPart[] {
  return [...sort].map(([path, value]) => {
    const ordering = direction(path, value);
    return { path: checkFieldPath(path), direction: ordering };
  });
}

interface Pending {
  readonly value: Value | undefined;
  readonly rest: readonly string[];
  /** An array found as an element of an array is a value, not spread again. */
  readonly done: boolean;
}

const finished = (value: Value | undefined): Pending => ({ value, rest: [], done: true });

/** Walks to the end of the path or to the array that has to be spread over its elements. */
function advance(pending: Pending): Pending {
  if (pending.done) return pending;
  const { rest } = pending;
  let current = pending.value;
  let addressedLast = false;
  for (let at = 0; at < rest.length; at++) {
    const part = rest[at]!;
    addressedLast = Array.isArray(current);
    if (current instanceof Doc) current = current.get(part);
    else if (Array.isArray(current)) {
      const index = arrayIndex(part);
      const addressed = index === undefined ? undefined : current[index];
      if (addressed === undefined || current.some((element) => element instanceof Doc && element.has(part)))
        return { value: current, rest: rest.slice(at), done: false };
      current = addressed;
    } else return finished(undefined);
  }
  // An array reached by its number is a value, except that an empty one still sorts as undefined.
  if (addressedLast && Array.isArray(current)) return finished(current.length > 0 ? current : UNDEFINED);
  return { value: current, rest: [], done: !Array.isArray(current) };
}

/** One element of the array; what is not a document has no fields. */
function step(element: Value, { rest }: Pending): Pending {
  if (rest.length === 0) return finished(element);
  return element instanceof Doc ? { value: element, rest, done: false } : finished(undefined);
}

function spread(pending: readonly Pending[]): Array<Array<Value | undefined>> {
  const reached = pending.map(advance);
  const [array, ...others] = new Set(reached.filter(({ done }) => !done).map(({ value }) => value as Value[]));
  if (!array) return [reached.map(({ value }) => value)];
  if (others.length > 0) throw badValue('cannot sort with keys that are parallel arrays');
  const each = (make: (one: Pending) => Pending): Pending[] => reached.map((one) => (one.done ? one : make(one)));
  if (array.length === 0) return spread(each(({ rest }) => finished(rest.length > 0 ? undefined : UNDEFINED)));
  return array.flatMap((element) => spread(each((one) => step(element, one))));
}

/**
 * All keys a document has under an index: one, or one per element of the one array its paths cross. A missing field
 * is `undefined`; an empty array is there as the BSON undefined, before null.
 */
export const indexKeys = (doc: Doc, paths: ReadonlyArray<readonly string[]>): Array<Array<Value | undefined>> =>
  spread(paths.map((rest) => ({ value: doc, rest, done: false })));

/** The same for a sort, where a missing field is null. */
export const sortKeys = (doc: Doc, paths: ReadonlyArray<readonly string[]>): Value[][] =>
  indexKeys(doc, paths).map((key) => key.map((value) => value ?? null));

function compareKeys(left: readonly Value[], right: readonly Value[], parts: readonly SortPart[]): number {
  for (let i = 0; i < parts.length; i++) {
    const difference = compare(left[i]!, right[i]!) * parts[i]!.direction;
    if (difference) return difference;
  }
  return 0;
}

/** Sorts by each document's best key; equal documents keep their order. */
export function sortDocuments(docs: readonly Doc[], parts: readonly SortPart[]): Doc[] {
  const paths = parts.map(({ path }) => path);
  const keyed = docs.map((doc) => {
    const keys = sortKeys(doc, paths);
    return { doc, key: keys.reduce((best, key) => (compareKeys(key, best, parts) < 0 ? key : best)) };
  });
  return keyed.sort((left, right) => compareKeys(left.key, right.key, parts)).map(({ doc }) => doc);
}
