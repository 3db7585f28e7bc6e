import { badValue, MongoError } from '../errors.ts';
import { arrayIndex } from '../path.ts';
import { Doc, type Missing, type Value } from '../value.ts';

/** The value a rename takes away. A way through an array is refused, as is one through a plain value. */
export function renameSource(document: Doc, path: readonly string[]): Value | Missing {
  let value: Value | Missing = document;
  let crossed = false;
  for (const part of path) {
    if (value instanceof Doc) value = value.get(part);
    else if (Array.isArray(value)) {
      const index = arrayIndex(part);
      if (index === undefined)
        throw new MongoError(28, `cannot use the part (${part}) of (${path.join('.')}) to traverse the element`);
      crossed = true;
      value = value[index];
    } else throw new MongoError(28, `cannot use the part (${part}) of (${path.join('.')}) to traverse the element`);
    if (value === undefined) return undefined;
  }
  if (crossed) throw badValue(`The source field cannot be an array element, '${path.join('.')}'`);
  return value;
}

/** A rename may replace an array but not write into one. */
export function checkTarget(document: Doc, path: readonly string[]): void {
  let value: Value | Missing = document;
  for (const part of path) {
    if (Array.isArray(value)) throw badValue(`The destination field cannot be an array element, '${path.join('.')}'`);
    value = value instanceof Doc ? value.get(part) : undefined;
  }
}

export function withoutPath(document: Doc, path: readonly string[]): Doc {
  const [part = '', ...rest] = path;
  const copy = document.clone();
  const inner = document.get(part);
  if (rest.length === 0) copy.delete(part);
  else if (inner instanceof Doc) copy.set(part, withoutPath(inner, rest));
  return copy;
}
