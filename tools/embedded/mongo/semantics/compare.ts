import { encodeValue } from './bson/encode.ts';
import { decimalParts, type Parts } from './decimal.ts';
import { isNumeric, type Numeric } from './number.ts';
import {
  Binary,
  BsonDate,
  BsonSymbol,
  Code,
  DbPointer,
  Decimal128,
  Doc,
  Int32,
  ObjectId,
  Regex,
  Timestamp,
  typeRank,
  type Value,
} from './value.ts';

const order = <T extends number | bigint | boolean | string>(left: T, right: T): number =>
  left < right ? -1 : left > right ? 1 : 0;

/** UTF-8 byte order equals code point order; UTF-16 units differ from it only around surrogates. */
function compareStrings(left: string, right: string): number {
  const length = Math.min(left.length, right.length);
  for (let i = 0; i < length; i++) {
    const a = left.charCodeAt(i);
    const b = right.charCodeAt(i);
    if (a === b) continue;
    const surrogates = Number(a >= 0xd800 && a <= 0xdfff) - Number(b >= 0xd800 && b <= 0xdfff);
    return surrogates || a - b;
  }
  return left.length - right.length;
}

/** A finite number as ± coefficient · 10^exponent, exactly. */
function exact(value: Numeric): Parts {
  if (value instanceof Decimal128) return decimalParts(value);
  if (typeof value !== 'number') {
    const whole = value instanceof Int32 ? BigInt(value.value) : value;
    return { kind: 'finite', negative: whole < 0n, coefficient: whole < 0n ? -whole : whole, exponent: 0 };
  }
  if (Number.isNaN(value)) return { kind: 'nan' };
  const negative = value < 0;
  if (!Number.isFinite(value)) return { kind: 'infinity', negative };
  let mantissa = Math.abs(value);
  let halvings = 0;
  while (!Number.isInteger(mantissa)) {
    mantissa *= 2;
    halvings += 1;
  }
  // m / 2^k = m · 5^k / 10^k
  return { kind: 'finite', negative, coefficient: BigInt(mantissa) * 5n ** BigInt(halvings), exponent: -halvings };
}

const rank = (parts: Parts): number => {
  if (parts.kind === 'nan') return -3;
  if (parts.kind === 'infinity') return parts.negative ? -2 : 2;
  if (parts.coefficient === 0n) return 0;
  return parts.negative ? -1 : 1;
};

function compareExact(left: Parts, right: Parts): number {
  const ranks = rank(left) - rank(right);
  if (ranks || left.kind !== 'finite' || right.kind !== 'finite' || left.coefficient === 0n) return Math.sign(ranks);
  const direction = left.negative ? -1 : 1;
  const magnitude =
    left.coefficient.toString().length + left.exponent - right.coefficient.toString().length - right.exponent;
  if (magnitude) return direction * Math.sign(magnitude);
  const exponent = Math.min(left.exponent, right.exponent);
  const a = left.coefficient * 10n ** BigInt(left.exponent - exponent);
  const b = right.coefficient * 10n ** BigInt(right.exponent - exponent);
  return direction * order(a, b);
}

function compareNumbers(left: Numeric, right: Numeric): number {
  if (left instanceof Decimal128 || right instanceof Decimal128) return compareExact(exact(left), exact(right));
  const a = left instanceof Int32 ? left.value : left;
  const b = right instanceof Int32 ? right.value : right;
  // JS compares number with bigint exactly; only NaN, which MongoDB sorts first, needs help.
  if (a < b) return -1;
  if (a > b) return 1;
  const nan = Number(Number.isNaN(b)) - Number(Number.isNaN(a));
  return nan;
}

const textOf = (value: string | BsonSymbol): string => (typeof value === 'string' ? value : value.value);
const bytes = (left: Uint8Array, right: Uint8Array): number => Buffer.compare(left, right);

function compareDocuments(left: Doc, right: Doc): number {
  const a = left.entries();
  const b = right.entries();
  for (;;) {
    const x = a.next();
    const y = b.next();
    if (x.done || y.done) return Number(Boolean(y.done)) - Number(Boolean(x.done));
    const [name, value] = x.value;
    const [otherName, otherValue] = y.value;
    const difference =
      typeRank(value) - typeRank(otherValue) || compareStrings(name, otherName) || compare(value, otherValue);
    if (difference) return difference;
  }
}

function compareArrays(left: Value[], right: Value[]): number {
  const length = Math.min(left.length, right.length);
  for (let i = 0; i < length; i++) {
    const difference = compare(left[i]!, right[i]!);
    if (difference) return difference;
  }
  return left.length - right.length;
}

function compareRare(left: Value, right: Value): number {
  if (left instanceof ObjectId && right instanceof ObjectId) return bytes(left.bytes, right.bytes);
  if (left instanceof BsonDate && right instanceof BsonDate) return order(left.ms, right.ms);
  if (left instanceof Timestamp && right instanceof Timestamp)
    return order(left.seconds, right.seconds) || order(left.increment, right.increment);
  if (left instanceof Binary && right instanceof Binary)
    return left.bytes.length - right.bytes.length || left.subtype - right.subtype || bytes(left.bytes, right.bytes);
  if (left instanceof Regex && right instanceof Regex)
    return compareStrings(left.pattern, right.pattern) || compareStrings(left.options, right.options);
  if (left instanceof DbPointer && right instanceof DbPointer)
    return compareStrings(left.namespace, right.namespace) || bytes(left.id.bytes, right.id.bytes);
  if (left instanceof Code && right instanceof Code)
    return compareStrings(left.code, right.code) || compare(left.scope ?? null, right.scope ?? null);
  return 0;
}

/** MongoDB's order of all values: types by rank, numbers by value across their types, then by content. */
export function compare(left: Value, right: Value): number {
  if (typeof left === 'string' && typeof right === 'string') return compareStrings(left, right);
  if (isNumeric(left) && isNumeric(right)) return compareNumbers(left, right);
  const ranks = typeRank(left) - typeRank(right);
  if (ranks) return ranks;
  if (typeof left === 'boolean' && typeof right === 'boolean') return order(left, right);
  if (left instanceof Doc && right instanceof Doc) return compareDocuments(left, right);
  if (Array.isArray(left) && Array.isArray(right)) return compareArrays(left, right);
  if (typeof left === 'string' || left instanceof BsonSymbol)
    return typeof right === 'string' || right instanceof BsonSymbol ? compareStrings(textOf(left), textOf(right)) : 0;
  return compareRare(left, right);
}

/** Equal in the sense of a query: `1`, `1.0` and `NumberLong(1)` are. */
export const equals = (left: Value, right: Value): boolean => compare(left, right) === 0;

/** The same value of the same type, bit for bit: what decides whether an update changed anything. */
export const identical = (left: Value, right: Value): boolean =>
  left === right
    ? (!Object.is(left, -0) && !Object.is(right, -0)) || Object.is(left, right)
    : encodeValue(left).equals(encodeValue(right));

function numberKey(value: Numeric): string {
  if (value instanceof Int32) return `${value.value}e0`;
  const parts = exact(value);
  if (parts.kind !== 'finite') return parts.kind === 'nan' ? 'nan' : parts.negative ? '-inf' : 'inf';
  let { coefficient, exponent } = parts;
  if (coefficient === 0n) return '0e0';
  while (coefficient % 10n === 0n && exponent < 0) {
    coefficient /= 10n;
    exponent += 1;
  }
  return exponent > 0
    ? `${parts.negative ? '-' : ''}${coefficient * 10n ** BigInt(exponent)}e0`
    : `${parts.negative ? '-' : ''}${coefficient}e${exponent}`;
}

/** Equal values, and only they, have the same key: for sets and groups. */
export function hashKey(value: Value): string {
  if (isNumeric(value)) return `#${numberKey(value)}`;
  if (typeof value === 'string') return JSON.stringify(value);
  if (value instanceof BsonSymbol) return JSON.stringify(value.value);
  if (Array.isArray(value)) return `[${value.map(hashKey).join()}]`;
  if (value instanceof Doc) return `{${[...value].map(([name, v]) => `${JSON.stringify(name)}:${hashKey(v)}`).join()}}`;
  return encodeValue(value).toString('latin1');
}
