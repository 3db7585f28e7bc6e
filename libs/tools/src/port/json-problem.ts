/** As deep as bodies of requests may be: deeper than any form, far from what exhausts a recursive reader. */
const MAX_DEPTH = 32;

/** Names that every object already has: set from outside, they would shadow or replace what code relies on. */
const FORBIDDEN_KEYS: ReadonlySet<string> = new Set([...Object.getOwnPropertyNames(Object.prototype), 'prototype']);

const NOT_JSON = 'they are not JSON. Write one JSON object.';

/** The place after the closing quote, or undefined for a string without an end. */
function endOfString(text: string, start: number): number | undefined {
  for (let at = start + 1; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === '"') return at + 1;
  }
  return undefined;
}

function decodeKey(literal: string): string | undefined {
  try {
    return String(JSON.parse(literal));
  } catch {
    return undefined;
  }
}

function keyProblem(literal: string, known: Set<string>): string | undefined {
  const key = decodeKey(literal);
  if (key === undefined) return NOT_JSON;
  if (FORBIDDEN_KEYS.has(key)) return 'they hold a key that is never accepted.';
  if (known.has(key)) return 'they hold a key twice in one object.';
  known.add(key);
  return undefined;
}

/**
 * What a parser would let pass, looked for in one pass over the text and before anything recursive sees it: too many
 * levels, keys of prototypes, a key twice in one object (two readers would see two different values). Undefined when
 * there is nothing of that; the text may still be no JSON.
 */
export function jsonProblem(text: string): string | undefined {
  // The keys of the objects that are open; null for a list.
  const open: Array<Set<string> | null> = [];
  let before = '';
  for (let at = 0; at < text.length; at += 1) {
    const mark = text[at] ?? '';
    if (mark === '"') {
      const end = endOfString(text, at);
      if (end === undefined) return NOT_JSON;
      const keys = open.at(-1);
      const problem = keys && (before === '{' || before === ',') ? keyProblem(text.slice(at, end), keys) : undefined;
      if (problem) return problem;
      at = end - 1;
    } else if (mark === '{' || mark === '[') {
      if (open.length === MAX_DEPTH) return `they nest deeper than ${MAX_DEPTH} levels.`;
      open.push(mark === '{' ? new Set() : null);
    } else if (mark === '}' || mark === ']') open.pop();
    if (mark.trim() !== '') before = mark;
  }
  return undefined;
}
