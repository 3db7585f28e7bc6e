import { compare, hashKey } from '../compare.ts';
import { MongoError, NotImplementedError } from '../errors.ts';
import { isNullish, type Result } from '../expression/scope.ts';
import { addNumbers, isNumeric, toDouble, type Numeric } from '../number.ts';
import { Decimal128, Doc, Int32, typeName, type Value } from '../value.ts';

/** Takes the values of one group in order and gives one. */
export interface Accumulator {
  readonly add: (value: Result) => void;
  readonly result: () => Value;
}

/** The server carries rounding errors along in its own way, so a sum that rounds at all is refused. */
function exactly(left: Numeric, right: Numeric): Numeric {
  const decimals = Number(left instanceof Decimal128) + Number(right instanceof Decimal128);
  if (decimals === 1 && (typeof left === 'number' || typeof right === 'number'))
    throw new NotImplementedError('$sum', 'doubles mixed with decimals');
  const sum = addNumbers(left, right);
  if (sum === undefined) throw new NotImplementedError('$sum', 'beyond int64');
  if (typeof sum !== 'number') return sum;
  const a = toDouble(left);
  const b = toDouble(right);
  const virtual = sum - a;
  if (a - (sum - virtual) + (b - virtual) !== 0) throw new NotImplementedError('$sum', 'doubles whose sum rounds');
  return sum;
}

function sum(): Accumulator {
  let total: Numeric = new Int32(0);
  return {
    add: (value) => {
      if (isNumeric(value)) total = exactly(total, value);
    },
    result: () => total,
  };
}

function average(): Accumulator {
  let total: Numeric = new Int32(0);
  let count = 0;
  return {
    add: (value) => {
      if (!isNumeric(value)) return;
      if (value instanceof Decimal128) throw new NotImplementedError('$avg', 'of decimals');
      total = exactly(total, value);
      count += 1;
    },
    result: () => (count === 0 ? null : toDouble(total) / count),
  };
}

/** The least or the greatest value; null and missing do not take part. */
const extreme = (sign: 1 | -1) => (): Accumulator => {
  let best: Value = null;
  return {
    add: (value) => {
      if (!isNullish(value) && (best === null || compare(value, best) * sign < 0)) best = value;
    },
    result: () => best,
  };
};

function first(): Accumulator {
  let seen = false;
  let kept: Value = null;
  return {
    add: (value) => {
      if (!seen) kept = value === undefined ? null : value;
      seen = true;
    },
    result: () => kept,
  };
}

function last(): Accumulator {
  let kept: Value = null;
  return {
    add: (value) => {
      kept = value === undefined ? null : value;
    },
    result: () => kept,
  };
}

function push(): Accumulator {
  const values: Value[] = [];
  return {
    add: (value) => {
      if (value !== undefined) values.push(value);
    },
    result: () => values,
  };
}

function addToSet(): Accumulator {
  const values = new Map<string, Value>();
  return {
    add: (value) => {
      if (value === undefined) return;
      const key = hashKey(value);
      if (!values.has(key)) values.set(key, value);
    },
    result: () => [...values.values()],
  };
}

function mergeObjects(): Accumulator {
  const merged = new Doc();
  return {
    add: (value) => {
      if (isNullish(value)) return;
      if (!(value instanceof Doc))
        throw new MongoError(40400, `$mergeObjects requires object inputs, not ${typeName(value)}`);
      for (const [name, inner] of value) merged.set(name, inner);
    },
    result: () => merged,
  };
}

export const ACCUMULATORS: Record<string, () => Accumulator> = {
  $sum: sum,
  $avg: average,
  $min: extreme(1),
  $max: extreme(-1),
  $first: first,
  $last: last,
  $push: push,
  $addToSet: addToSet,
  $mergeObjects: mergeObjects,
};

export const UNSUPPORTED_ACCUMULATORS: ReadonlySet<string> = new Set(
  `$stdDevPop $stdDevSamp $accumulator $count $bottom $bottomN $top $topN $firstN $lastN $maxN $minN $median
  $percentile $concatArrays $setUnion`.split(/\s+/),
);
