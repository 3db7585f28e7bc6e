import { MAX_KEY, MIN_KEY, UNDEFINED, type Bound, type Value } from '../semantics/index.ts';
import { after, encodeKey, rankByte } from './keys.ts';
import type { IndexDefinition, IndexPart } from './types.ts';

/** Keys from `low` up to, not including, `high`. */
interface Interval {
  readonly low: Buffer;
  readonly high: Buffer;
}

const FIRST = Buffer.alloc(0);
/** No key begins with this byte. */
const END = Buffer.from([255]);
const EVERYTHING: Interval = { low: FIRST, high: END };
/** From this many points on, walking what lies between them is no dearer. */
const MAX_POINTS = 1_000;

export interface Bounds {
  readonly intervals: readonly Interval[];
  /** Leading parts of the index that are limited. */
  readonly bounded: number;
  /** Leading parts limited to certain values. */
  readonly points: number;
  /** Per limited part: one value only, so that it does not matter to an order. */
  readonly constant: readonly boolean[];
  /** Some limit keeps documents out that have none of the index's fields. */
  readonly needsField: boolean;
}

/** An array is kept under its elements, and one in an array as itself: either finds it. */
function pointsOf(value: Value): Value[] {
  if (!Array.isArray(value)) return [value];
  return [value, value.length > 0 ? value[0]! : UNDEFINED];
}

const usable = (value: Value | undefined): value is Value =>
  value !== undefined && !Array.isArray(value) && value !== MIN_KEY && value !== MAX_KEY;

interface Range {
  readonly low: Buffer;
  readonly high: Buffer;
  readonly operand: Value;
}

/** Where keys of one part may lie; with arrays each side may be met by another element, so only one side counts. */
function rangeOf(bound: Bound, { direction }: IndexPart, multikey: boolean): Range | undefined {
  const lower = bound.lower && usable(bound.lower.value) ? bound.lower : undefined;
  let upper = bound.upper && usable(bound.upper.value) ? bound.upper : undefined;
  if (lower && upper && (multikey || rankByte(lower.value) !== rankByte(upper.value))) upper = undefined;
  const operand = lower?.value ?? upper?.value;
  if (operand === undefined) return undefined;
  const rank = direction === 1 ? rankByte(operand) : 255 - rankByte(operand);
  const [start, end] = direction === 1 ? [lower, upper] : [upper, lower];
  const bytes = (value: Value): Buffer => encodeKey([value], [direction]);
  return {
    operand,
    low: start ? (start.inclusive ? bytes(start.value) : after(bytes(start.value))!) : Buffer.from([rank]),
    high: end ? (end.inclusive ? after(bytes(end.value))! : bytes(end.value)) : Buffer.from([rank + 1]),
  };
}

const blocked = (index: IndexDefinition, at: number): boolean =>
  index.multikey[at] === true &&
  index.parts.some(
    (earlier, i) => i < at && index.multikey[i] === true && earlier.parts[0] === index.parts[at]!.parts[0],
  );

const uniqueKeys = (keys: Buffer[]): Buffer[] => {
  if (keys.length < 2) return keys;
  keys.sort((a, b) => Buffer.compare(a, b));
  return keys.filter((key, at) => at === 0 || !key.equals(keys[at - 1]!));
};

/** Turns what a filter says about the leading fields of an index into key intervals, disjoint and in order. */
export function boundsFor(index: IndexDefinition, limits: ReadonlyMap<string, Bound>): Bounds {
  let prefixes: Buffer[] = [FIRST];
  const constant: boolean[] = [];
  let needsField = false;
  for (const [at, part] of index.parts.entries()) {
    const bound = limits.get(part.path);
    // Two fields of one array may be met by different elements: only the first limits the keys.
    if (!bound || blocked(index, at)) break;
    const values = bound.values?.flatMap(pointsOf);
    if (!values || values.length * prefixes.length > MAX_POINTS) {
      const range = rangeOf(bound, part, index.multikey[at] === true);
      if (!range) break;
      const intervals = prefixes
        .map((prefix) => ({ low: Buffer.concat([prefix, range.low]), high: Buffer.concat([prefix, range.high]) }))
        .filter(({ low, high }) => Buffer.compare(low, high) < 0);
      const complete = { intervals, bounded: at + 1, points: at, constant: [...constant, false] };
      return { ...complete, needsField: needsField || range.operand !== null };
    }
    const keys = values.map((value) => encodeKey([value], [part.direction]));
    prefixes = uniqueKeys(prefixes.flatMap((prefix) => keys.map((key) => Buffer.concat([prefix, key]))));
    constant.push(keys.length === 1);
    if (!values.includes(null)) needsField = true;
  }
  const bounded = constant.length;
  const intervals = bounded === 0 ? [EVERYTHING] : prefixes.map((low) => ({ low, high: after(low) ?? END }));
  return { intervals, bounded, points: bounded, constant, needsField };
}
