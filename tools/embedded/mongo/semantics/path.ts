import { Doc, type Missing, type Value } from './value.ts';

/** `0`, `17`, but neither `01` nor `-1`: only this form addresses an array element. */
export function arrayIndex(part: string): number | undefined {
  if (part.length > 10 || !/^(0|[1-9]\d*)$/.test(part)) return undefined;
  return Number(part);
}

/** Called with each value of a path until it says yes; `index` is the place in the outermost array crossed. */
export type Visit = (value: Value | Missing, index: number | undefined) => boolean;

/**
 * All values a query path means. A missing field is visited as `undefined`; arrays on the way are crossed
 * element by element (documents only) and a number also addresses an element; at the end an array is visited
 * element by element and then itself when `expand` is set.
 */
export function visitPath(root: Doc, parts: readonly string[], expand: boolean, visit: Visit): boolean {
  return walk(root, { parts, expand, visit }, 0, undefined);
}

interface Walk {
  readonly parts: readonly string[];
  readonly expand: boolean;
  readonly visit: Visit;
}

function walk(start: Value, how: Walk, from: number, index: number | undefined): boolean {
  let value: Value | Missing = start;
  for (let i = from; i < how.parts.length; i++) {
    if (Array.isArray(value)) return cross(value, how, i, index);
    value = value instanceof Doc ? value.get(how.parts[i]!) : undefined;
    if (value === undefined) return how.visit(undefined, index);
  }
  return leaf(value, how, index);
}

function leaf(value: Value, how: Walk, index: number | undefined): boolean {
  if (how.expand && Array.isArray(value))
    for (let i = 0; i < value.length; i++) if (how.visit(value[i], index ?? i)) return true;
  return how.visit(value, index);
}

function cross(values: Value[], how: Walk, at: number, index: number | undefined): boolean {
  const addressed = arrayIndex(how.parts[at]!);
  for (let i = 0; i < values.length; i++) {
    const element = values[i]!;
    const outer = index ?? i;
    if (element instanceof Doc && walk(element, how, at, outer)) return true;
    if (addressed !== i) continue;
    if (at + 1 === how.parts.length) {
      if (how.visit(element, outer)) return true;
    } else if ((element instanceof Doc || Array.isArray(element)) && walk(element, how, at + 1, outer)) return true;
  }
  return false;
}
