import { addDecimals, decimalParts, doubleToDecimal, makeDecimal, multiplyDecimals } from './decimal.ts';
import { Decimal128, Int32, type Value } from './value.ts';

export type Numeric = number | bigint | Int32 | Decimal128;

export const isNumeric = (value: Value | undefined): value is Numeric =>
  typeof value === 'number' || typeof value === 'bigint' || value instanceof Int32 || value instanceof Decimal128;

const MAX_INT32 = 2 ** 31 - 1;
const MIN_INT32 = -(2 ** 31);
const MAX_INT64 = 2n ** 63n - 1n;
const MIN_INT64 = -(2n ** 63n);

const fitsInt32 = (value: number | bigint): boolean => value >= MIN_INT32 && value <= MAX_INT32;
export const fitsInt64 = (value: bigint): boolean => value >= MIN_INT64 && value <= MAX_INT64;

export const isNaNValue = (value: Value | undefined): boolean =>
  (typeof value === 'number' && Number.isNaN(value)) ||
  (value instanceof Decimal128 && decimalParts(value).kind === 'nan');

function toDecimal(value: Numeric): Decimal128 {
  if (value instanceof Decimal128) return value;
  if (typeof value === 'number') return doubleToDecimal(value);
  const whole = value instanceof Int32 ? BigInt(value.value) : value;
  return makeDecimal(whole < 0n, whole < 0n ? -whole : whole, 0);
}

/** Nearest double; a decimal goes through its text, which rounds once. */
export function toDouble(value: Numeric): number {
  if (typeof value === 'number') return value;
  if (value instanceof Int32) return value.value;
  if (typeof value === 'bigint') return Number(value);
  const parts = decimalParts(value);
  if (parts.kind === 'nan') return Number.NaN;
  if (parts.kind === 'infinity') return parts.negative ? -Infinity : Infinity;
  return Number(`${parts.negative ? '-' : ''}${parts.coefficient}e${parts.exponent}`);
}

/** The number as an integer when it is one, of whatever type. */
export function integral(value: Value | undefined): bigint | undefined {
  if (value instanceof Int32) return BigInt(value.value);
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : undefined;
  if (!(value instanceof Decimal128)) return undefined;
  const parts = decimalParts(value);
  if (parts.kind !== 'finite') return undefined;
  const { coefficient, exponent, negative } = parts;
  if (coefficient === 0n) return 0n;
  const scale = 10n ** BigInt(Math.abs(exponent));
  if (exponent < 0 && coefficient % scale !== 0n) return undefined;
  const whole = exponent < 0 ? coefficient / scale : coefficient * scale;
  return negative ? -whole : whole;
}

/** Towards zero; `undefined` for NaN and infinity. */
export function truncated(value: Numeric): bigint | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? BigInt(Math.trunc(value)) : undefined;
  if (!(value instanceof Decimal128)) return integral(value);
  const parts = decimalParts(value);
  if (parts.kind !== 'finite') return undefined;
  const scale = 10n ** BigInt(Math.abs(parts.exponent));
  const whole = parts.exponent < 0 ? parts.coefficient / scale : parts.coefficient * scale;
  return parts.negative ? -whole : whole;
}

type Operation = {
  readonly decimal: (left: Decimal128, right: Decimal128) => Decimal128;
  readonly double: (left: number, right: number) => number;
  readonly whole: (left: bigint, right: bigint) => bigint;
};

/** The wider type wins: decimal, double, long, int; an int that overflows becomes a long; `undefined` is an overflowing long. */
function combine(operation: Operation, left: Numeric, right: Numeric): Numeric | undefined {
  if (left instanceof Decimal128 || right instanceof Decimal128)
    return operation.decimal(toDecimal(left), toDecimal(right));
  if (typeof left === 'number' || typeof right === 'number') return operation.double(toDouble(left), toDouble(right));
  const narrow = left instanceof Int32 && right instanceof Int32;
  const result = operation.whole(
    left instanceof Int32 ? BigInt(left.value) : left,
    right instanceof Int32 ? BigInt(right.value) : right,
  );
  if (narrow && fitsInt32(result)) return new Int32(Number(result));
  return fitsInt64(result) ? result : undefined;
}

const SUM: Operation = { decimal: addDecimals, double: (a, b) => a + b, whole: (a, b) => a + b };
const PRODUCT: Operation = { decimal: multiplyDecimals, double: (a, b) => a * b, whole: (a, b) => a * b };

export const addNumbers = (left: Numeric, right: Numeric): Numeric | undefined => combine(SUM, left, right);
export const multiplyNumbers = (left: Numeric, right: Numeric): Numeric | undefined => combine(PRODUCT, left, right);
