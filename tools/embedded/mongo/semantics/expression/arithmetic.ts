import { MongoError } from '../errors.ts';
import { addNumbers, isNumeric, multiplyNumbers, type Numeric } from '../number.ts';
import { BsonDate, Int32, typeName } from '../value.ts';
import { ANY, operator } from './build.ts';
import { isNullish, type Build, type Result } from './scope.ts';

const nameOf = (value: Result): string => (value === undefined ? 'missing' : typeName(value));

/** Where an int64 overflows an aggregation goes on in doubles. */
const widened = (left: Numeric, right: Numeric, run: (a: number, b: number) => number): number =>
  run(Number(left instanceof Int32 ? left.value : left), Number(right instanceof Int32 ? right.value : right));

const NULL = Symbol('null');

function fold(
  values: Result[],
  start: Numeric,
  step: (sum: Numeric, value: Numeric) => Numeric,
  code: number,
): Numeric | typeof NULL {
  let result = start;
  for (const value of values) {
    if (isNullish(value)) return NULL;
    if (!isNumeric(value)) throw new MongoError(code, `only numeric types are supported, not ${nameOf(value)}`);
    result = step(result, value);
  }
  return result;
}

const plus = (left: Numeric, right: Numeric): Numeric =>
  addNumbers(left, right) ?? widened(left, right, (a, b) => a + b);
const times = (left: Numeric, right: Numeric): Numeric =>
  multiplyNumbers(left, right) ?? widened(left, right, (a, b) => a * b);

function add(values: Result[]): Result {
  const dates = values.filter((value) => value instanceof BsonDate);
  if (dates.length > 1) throw new MongoError(16612, 'only one date allowed in an $add expression');
  const sum = fold(
    values.filter((value) => !(value instanceof BsonDate)),
    new Int32(0),
    plus,
    16554,
  );
  if (sum === NULL) return null;
  const [date] = dates;
  return date ? new BsonDate(date.ms + millis(sum)) : sum;
}

function millis(value: Numeric): bigint {
  if (value instanceof Int32) return BigInt(value.value);
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number' && Number.isInteger(value)) return BigInt(value);
  throw new MongoError(238, '$add of a date and a fraction is not supported by the embedded MongoDB');
}

const negated = (value: Numeric): Numeric => times(value, new Int32(-1));

function subtract([left, right]: Result[]): Result {
  if (isNullish(left) || isNullish(right)) return null;
  if (left instanceof BsonDate && right instanceof BsonDate) return left.ms - right.ms;
  if (left instanceof BsonDate && isNumeric(right)) return new BsonDate(left.ms - millis(right));
  if (!isNumeric(left) || !isNumeric(right))
    throw new MongoError(16556, `can't $subtract ${nameOf(right)} from ${nameOf(left)}`);
  return plus(left, negated(right));
}

export const ARITHMETIC: Record<string, Build> = {
  $add: operator(0, ANY, add),
  $subtract: operator(2, 2, subtract),
  $multiply: operator(0, ANY, (values) => {
    const product = fold(values, new Int32(1), times, 16555);
    return product === NULL ? null : product;
  }),
};
