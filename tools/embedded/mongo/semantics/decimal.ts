import { Decimal128 } from './value.ts';

/** IEEE 754-2008 decimal128: 34 digits, exponent −6176 … 6111 (of the last digit). */
const DIGITS = 34;
const BIAS = 6176;
const MAX_EXPONENT = 6111;
const MAX_COEFFICIENT = 10n ** 34n - 1n;

export type Parts =
  | { readonly kind: 'nan' }
  | { readonly kind: 'infinity'; readonly negative: boolean }
  | { readonly kind: 'finite'; readonly negative: boolean; readonly coefficient: bigint; readonly exponent: number };

export function decimalParts(value: Decimal128): Parts {
  const { high, low } = value;
  const negative = high >> 63n === 1n;
  const top = Number((high >> 58n) & 31n);
  if (top === 31) return { kind: 'nan' };
  if (top === 30) return { kind: 'infinity', negative };
  // The second layout (top bits 11) can only hold coefficients that are too large, which count as zero.
  const large = top >= 24;
  const exponent = Number((high >> (large ? 47n : 49n)) & 0x3fffn) - BIAS;
  const coefficient = large ? 0n : ((high & 0x1ffffffffffffn) << 64n) | low;
  return { kind: 'finite', negative, coefficient: coefficient > MAX_COEFFICIENT ? 0n : coefficient, exponent };
}

const DECIMAL_NAN = new Decimal128(0x7c00000000000000n, 0n);
const infinity = (negative: boolean): Decimal128 =>
  new Decimal128(negative ? 0xf800000000000000n : 0x7800000000000000n, 0n);

const halfEven = (value: bigint, divisor: bigint): bigint => {
  const quotient = value / divisor;
  const twice = (value % divisor) * 2n;
  return twice > divisor || (twice === divisor && quotient % 2n === 1n) ? quotient + 1n : quotient;
};

/** Rounds to 34 digits, half to even, and folds the exponent into its range. */
export function makeDecimal(negative: boolean, coefficient: bigint, exponent: number): Decimal128 {
  let digits = coefficient;
  let power = exponent;
  const excess = Math.max(digits.toString().length - DIGITS, -BIAS - power);
  if (excess > 0) {
    digits =
      excess > 2 * DIGITS + 40 && digits.toString().length < excess ? 0n : halfEven(digits, 10n ** BigInt(excess));
    power += excess;
    if (digits > MAX_COEFFICIENT) {
      digits /= 10n;
      power += 1;
    }
  }
  while (power > MAX_EXPONENT && digits !== 0n && digits * 10n <= MAX_COEFFICIENT) {
    digits *= 10n;
    power -= 1;
  }
  if (power > MAX_EXPONENT) {
    if (digits !== 0n) return infinity(negative);
    power = MAX_EXPONENT;
  }
  const sign = negative ? 1n << 63n : 0n;
  return new Decimal128(sign | (BigInt(power + BIAS) << 49n) | (digits >> 64n), digits & 0xffffffffffffffffn);
}

const SYNTAX = /^([+-])?(?:(\d+)(?:\.(\d*))?|\.(\d+))(?:[eE]([+-]?\d{1,6}))?$/;

/** `undefined` when the text is no number. */
export function parseDecimal(text: string): Decimal128 | undefined {
  if (/^[+-]?nan$/i.test(text)) return DECIMAL_NAN;
  if (/^[+-]?inf(inity)?$/i.test(text)) return infinity(text.startsWith('-'));
  const found = SYNTAX.exec(text);
  if (!found) return undefined;
  const [, sign, whole = '', decimals, bare] = found;
  const fraction = decimals ?? bare ?? '';
  return makeDecimal(sign === '-', BigInt(whole + fraction), Number(found[5] ?? 0) - fraction.length);
}

export function decimalToString(value: Decimal128): string {
  const parts = decimalParts(value);
  if (parts.kind === 'nan') return 'NaN';
  const sign = parts.negative ? '-' : '';
  if (parts.kind === 'infinity') return `${sign}Infinity`;
  const digits = parts.coefficient.toString();
  const scientific = digits.length - 1 + parts.exponent;
  if (parts.exponent > 0 || scientific < -6) {
    const mantissa = digits.length > 1 ? `${digits[0]}.${digits.slice(1)}` : digits;
    return `${sign}${mantissa}E${scientific < 0 ? '' : '+'}${scientific}`;
  }
  if (parts.exponent === 0) return sign + digits;
  const padded = digits.padStart(1 - parts.exponent, '0');
  return `${sign}${padded.slice(0, parts.exponent)}.${padded.slice(parts.exponent)}`;
}

/** A double as MongoDB turns it into a decimal: 15 significant digits, so that 0.1 becomes 0.100000000000000. */
export function doubleToDecimal(value: number): Decimal128 {
  if (Number.isNaN(value)) return DECIMAL_NAN;
  if (!Number.isFinite(value)) return infinity(value < 0);
  const [mantissa = '0', power = '0'] = value.toExponential(14).split('e');
  const digits = BigInt(mantissa.replace(/[-.]/g, ''));
  return makeDecimal(Object.is(value, -0) || value < 0, digits, digits === 0n ? 0 : Number(power) - 14);
}

type Finite = Extract<Parts, { kind: 'finite' }>;
const signed = (parts: Finite): bigint => (parts.negative ? -parts.coefficient : parts.coefficient);

function fromSigned(value: bigint, exponent: number, negativeZero: boolean): Decimal128 {
  return value < 0n ? makeDecimal(true, -value, exponent) : makeDecimal(value === 0n && negativeZero, value, exponent);
}

/** Beyond this distance the smaller number cannot reach the last digit kept, not even by rounding. */
const FAR = 80;

export function addDecimals(left: Decimal128, right: Decimal128): Decimal128 {
  const a = decimalParts(left);
  const b = decimalParts(right);
  if (a.kind === 'nan' || b.kind === 'nan') return DECIMAL_NAN;
  if (a.kind === 'infinity') return b.kind === 'infinity' && a.negative !== b.negative ? DECIMAL_NAN : left;
  if (b.kind === 'infinity') return right;
  const exponent = Math.min(a.exponent, b.exponent);
  const spread = Math.max(a.exponent, b.exponent) - exponent;
  if (spread > FAR && a.coefficient !== 0n && b.coefficient !== 0n) return farApart(a, b);
  const sum = signed(a) * 10n ** BigInt(a.exponent - exponent) + signed(b) * 10n ** BigInt(b.exponent - exponent);
  return fromSigned(sum, exponent, a.negative && b.negative);
}

function farApart(a: Finite, b: Finite): Decimal128 {
  const [large] = a.exponent > b.exponent ? [a, b] : [b, a];
  const room = DIGITS - large.coefficient.toString().length;
  return fromSigned(signed(large) * 10n ** BigInt(room), large.exponent - room, false);
}

export function multiplyDecimals(left: Decimal128, right: Decimal128): Decimal128 {
  const a = decimalParts(left);
  const b = decimalParts(right);
  if (a.kind === 'nan' || b.kind === 'nan') return DECIMAL_NAN;
  const negative = a.negative !== b.negative;
  if (a.kind === 'infinity' || b.kind === 'infinity') {
    const zero = (a.kind === 'finite' && a.coefficient === 0n) || (b.kind === 'finite' && b.coefficient === 0n);
    return zero ? DECIMAL_NAN : infinity(negative);
  }
  return makeDecimal(negative, a.coefficient * b.coefficient, a.exponent + b.exponent);
}
