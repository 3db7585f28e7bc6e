import { compare, equals, hashKey } from '../compare.ts';
import { badValue, failedToParse, MongoError, NotImplementedError } from '../errors.ts';
import { fitsInt64, integral, isNaNValue, isNumeric, truncated } from '../number.ts';
import {
  Binary,
  BsonSymbol,
  codeOfName,
  Decimal128,
  Doc,
  MaxKey,
  MinKey,
  Regex,
  TYPE_NAMES,
  typeCode,
  typeRank,
  type Value,
} from '../value.ts';
import type { Test } from './clause.ts';
import { compileRegex } from './regex.ts';

/** A missing field compares like null. */
export function equalTo(operand: Value): Test {
  if (operand === null) return (value) => value === undefined || value === null;
  return (value) => value !== undefined && equals(value, operand);
}

export type Comparison = '$gt' | '$gte' | '$lt' | '$lte';

const HOLDS: Record<Comparison, (order: number) => boolean> = {
  $gt: (order) => order > 0,
  $gte: (order) => order >= 0,
  $lt: (order) => order < 0,
  $lte: (order) => order <= 0,
};

/** Values of another type never compare, but for null with missing and everything with the two extremes. */
export function comparison(operator: Comparison, operand: Value): Test {
  if (operand instanceof Regex) throw badValue(`Can't have RegEx as arg to predicate over field with ${operator}.`);
  const holds = HOLDS[operator];
  const inclusive = holds(0);
  if (operand === null) return (value) => inclusive && (value === undefined || value === null);
  const rank = typeRank(operand);
  // Whatever is not the extreme itself, a missing field included, lies on its one side.
  const beyond = operand instanceof MinKey ? holds(1) : operand instanceof MaxKey && holds(-1);
  const notANumber = isNaNValue(operand);
  return (value) => {
    if (value === undefined || typeRank(value) !== rank) return beyond;
    if (notANumber || isNaNValue(value)) return inclusive && notANumber && isNaNValue(value);
    return holds(compare(value, operand));
  };
}

/** From this many values on a hash beats comparing with each. */
const HASHED_FROM = 8;

export function oneOf(operands: readonly Value[]): Test {
  const patterns = operands.filter((operand) => operand instanceof Regex).map((regex) => matching(regex));
  const plain = operands.filter((operand) => !(operand instanceof Regex));
  const hasNull = plain.includes(null);
  const keys = plain.length >= HASHED_FROM ? new Set(plain.map(hashKey)) : undefined;
  return (value) => {
    if (value === undefined) return hasNull;
    if (keys ? keys.has(hashKey(value)) : plain.some((operand) => equals(operand, value))) return true;
    return patterns.some((pattern) => pattern(value));
  };
}

/** A regular expression meets the strings it matches and itself as a value. */
export function matching(regex: Regex): Test {
  const compiled = compileRegex(regex.pattern, regex.options);
  return (value) => {
    if (typeof value === 'string') return compiled.test(value);
    if (value instanceof BsonSymbol) return compiled.test(value.value);
    return value instanceof Regex && equals(value, regex);
  };
}

function typeCodes(operand: Value): number[] {
  if (typeof operand === 'string') {
    if (operand === 'number') return [1, 16, 18, 19];
    const name = TYPE_NAMES.find((known) => known === operand);
    if (!name) throw badValue(`Unknown type name alias: ${operand}`);
    return [codeOfName(name)];
  }
  if (!isNumeric(operand)) throw new MongoError(14, 'type must be represented as a number or a string');
  const code = Number(integral(operand) ?? Number.NaN);
  if (!TYPE_NAMES.some((name) => codeOfName(name) === code)) throw badValue(`Invalid numerical type code: ${code}`);
  return [code];
}

export function ofType(operand: Value): Test {
  if (Array.isArray(operand) && operand.length === 0) throw failedToParse('$type must match at least one type');
  const codes = new Set(Array.isArray(operand) ? operand.flatMap(typeCodes) : typeCodes(operand));
  return (value) => value !== undefined && codes.has(typeCode(value));
}

export function ofSize(operand: Value): Test {
  if (!isNumeric(operand)) throw badValue('$size needs a number');
  const size = integral(operand);
  if (size === undefined) throw badValue('$size must be a whole number');
  if (size < 0n) throw badValue('$size may not be negative');
  return (value) => Array.isArray(value) && BigInt(value.length) === size;
}

export function modulo(operand: Value): Test {
  if (!Array.isArray(operand)) throw badValue('malformed mod, needs to be an array');
  const [by, rest] = operand;
  if (operand.length !== 2) throw badValue(`malformed mod, ${operand.length < 2 ? 'not enough' : 'too many'} elements`);
  if (!isNumeric(by) || !isNumeric(rest)) throw badValue('malformed mod, divisor or remainder not a number');
  const divisor = truncated(by);
  const remainder = truncated(rest);
  if (divisor === undefined || remainder === undefined) throw badValue('malformed mod, unable to make a whole number');
  if (divisor === 0n) throw badValue('divisor cannot be 0');
  return (value) => {
    if (!isNumeric(value)) return false;
    const whole = truncated(value);
    // Servers before and after 5.0 disagree about these values.
    if (whole === undefined || !fitsInt64(whole)) throw new NotImplementedError('$mod', 'a value that is no int64');
    return whole % divisor === remainder;
  };
}

/** Bit n of a binary is bit n mod 8 of byte n div 8: the bytes read as a little-endian number. */
function bitsOf(binary: Binary): bigint {
  const hex = Buffer.from(binary.bytes.toReversed()).toString('hex');
  return hex ? BigInt(`0x${hex}`) : 0n;
}

function mask(operator: string, operand: Value): bigint {
  if (operand instanceof Binary) return bitsOf(operand);
  if (Array.isArray(operand)) {
    return operand.reduce<bigint>((bits, position) => {
      const bit = integral(position);
      if (bit === undefined) throw badValue(`Failed to parse bit position. Expected an integer in: ${operator}`);
      if (bit < 0n) throw failedToParse(`Failed to parse bit position. Expected a non-negative number in: ${operator}`);
      // A position past the sign extends the sign, as in the 64 bits the server keeps.
      return bits | (1n << bit);
    }, 0n);
  }
  if (!isNumeric(operand)) throw badValue(`${operator} takes an Array, a number, or a BinData`);
  const bits = integral(operand);
  if (bits === undefined) throw failedToParse(`Expected an integer: ${operator}`);
  if (bits < 0n) throw failedToParse(`Expected a positive number in: ${operator}`);
  return bits;
}

const BITS: Record<string, (value: bigint, bits: bigint) => boolean> = {
  $bitsAllSet: (value, bits) => (value & bits) === bits,
  $bitsAnySet: (value, bits) => (value & bits) !== 0n,
  $bitsAllClear: (value, bits) => (value & bits) === 0n,
  $bitsAnyClear: (value, bits) => (value & bits) !== bits,
};

export const isBitOperator = (operator: string): boolean => Object.hasOwn(BITS, operator);

export function bits(operator: string, operand: Value): Test {
  const wanted = mask(operator, operand);
  const holds = BITS[operator]!;
  return (value) => {
    if (value instanceof Binary) return holds(bitsOf(value), wanted);
    const whole = integral(value);
    if (whole === undefined && value instanceof Decimal128)
      throw new NotImplementedError(operator, 'a decimal that is no whole number');
    return whole !== undefined && fitsInt64(whole) && holds(whole, wanted);
  };
}

/** An array inside `$elemMatch` is asked like a document whose fields are its places. */
export const asDocument = (value: Value | undefined): Doc | undefined => {
  if (value instanceof Doc) return value;
  return Array.isArray(value) ? new Doc(value.map((element, index) => [String(index), element] as const)) : undefined;
};

/** What MongoDB takes for true where a flag is expected. */
export function truthy(value: Value | undefined): boolean {
  if (value === undefined || value === null || value === false) return false;
  return !isNumeric(value) || compare(value, 0) !== 0;
}
