import { Doc, type Missing, type Value } from '../value.ts';

/** The value behind a path of documents; arrays on the way are not crossed. */
export function nested(document: Doc, parts: readonly string[]): Value | Missing {
  let value: Value | Missing = document;
  for (const part of parts) value = value instanceof Doc ? value.get(part) : undefined;
  return value;
}

/** A copy with the value at the path, or without it; whatever is in the way and no document gives way to one. */
export function withNested(document: Doc, parts: readonly string[], value: Value | Missing): Doc {
  const copy = document.clone();
  const [name = '', ...rest] = parts;
  const below = rest.length === 0 ? value : nestedBelow(document.get(name), rest, value);
  if (below === undefined) copy.delete(name);
  else copy.set(name, below);
  return copy;
}

function nestedBelow(found: Value | Missing, rest: readonly string[], value: Value | Missing): Value | Missing {
  if (value === undefined && !(found instanceof Doc)) return found;
  return withNested(found instanceof Doc ? found : new Doc(), rest, value);
}
