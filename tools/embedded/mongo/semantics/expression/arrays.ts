import { equals } from '../compare.ts';
import { MongoError } from '../errors.ts';
import { integral } from '../number.ts';
import { Doc, Int32, typeName, type Value } from '../value.ts';
import { ANY, fieldsOf, operator, unary } from './build.ts';
import { isTrue } from './logic.ts';
import { bind, isNullish, type Build, type Result } from './scope.ts';

const nameOf = (value: Result): string => (value === undefined ? 'missing' : typeName(value));
const plain = (value: Result): Value => (value === undefined ? null : value);

function size(value: Result): Result {
  if (!Array.isArray(value))
    throw new MongoError(17124, `The argument to $size must be an array, but was of type: ${nameOf(value)}`);
  return new Int32(value.length);
}

function at(value: Result, index: number, code: number): Result {
  if (isNullish(value)) return null;
  if (!Array.isArray(value)) throw new MongoError(code, `the argument must be an array, but is ${nameOf(value)}`);
  return value[index < 0 ? value.length + index : index];
}

function arrayElemAt([value, index]: Result[]): Result {
  if (isNullish(value) || isNullish(index)) return null;
  if (!Array.isArray(value)) throw new MongoError(28689, `$arrayElemAt's first argument must be an array`);
  const whole = integral(index);
  if (whole === undefined) throw new MongoError(28690, `$arrayElemAt's second argument must be a number`);
  return at(value, Number(whole), 28689);
}

function isIn([value, list]: Result[]): Result {
  if (!Array.isArray(list))
    throw new MongoError(40081, `$in requires an array as a second argument, found: ${nameOf(list)}`);
  return value !== undefined && list.some((one) => equals(one, value));
}

function concatArrays(values: Result[]): Result {
  const joined: Value[] = [];
  for (const value of values) {
    if (isNullish(value)) return null;
    if (!Array.isArray(value)) throw new MongoError(28664, `$concatArrays only supports arrays, not ${nameOf(value)}`);
    joined.push(...value);
  }
  return joined;
}

function mergeObjects(values: Result[]): Result {
  const result = new Doc();
  for (const value of values.length === 1 && Array.isArray(values[0]) ? values[0] : values) {
    if (isNullish(value)) continue;
    if (!(value instanceof Doc))
      throw new MongoError(40400, `$mergeObjects requires object inputs, not ${nameOf(value)}`);
    for (const [name, inner] of value) result.set(name, inner);
  }
  return result;
}

const filter: Build = (argument, compile, name) => {
  const doc = fieldsOf(argument, name, { required: ['input', 'cond'], optional: ['as'], codes: [28646, 28647, 28648] });
  const as = doc.get('as') ?? 'this';
  const input = compile(doc.get('input')!);
  const cond = compile(doc.get('cond')!, [String(as)]);
  return {
    constant: false,
    run: (scope) => {
      const values = input.run(scope);
      if (isNullish(values)) return null;
      if (!Array.isArray(values)) throw new MongoError(28651, 'input to $filter must be an array');
      return values.filter((value) => isTrue(cond.run(bind(scope, [[String(as), value]]))));
    },
  };
};

const map: Build = (argument, compile, name) => {
  const doc = fieldsOf(argument, name, { required: ['input', 'in'], optional: ['as'], codes: [16878, 16879, 16880] });
  const as = doc.get('as') ?? 'this';
  const input = compile(doc.get('input')!);
  const body = compile(doc.get('in')!, [String(as)]);
  return {
    constant: false,
    run: (scope) => {
      const values = input.run(scope);
      if (isNullish(values)) return null;
      if (!Array.isArray(values)) throw new MongoError(16883, 'input to $map must be an array');
      return values.map((value) => plain(body.run(bind(scope, [[String(as), value]]))));
    },
  };
};

export const ARRAYS: Record<string, Build> = {
  $size: unary(size),
  $arrayElemAt: operator(2, 2, arrayElemAt),
  $first: unary((value) => at(value, 0, 28689)),
  $last: unary((value) => at(value, -1, 28689)),
  $in: operator(2, 2, isIn),
  $isArray: unary((value) => Array.isArray(value)),
  $concatArrays: operator(0, ANY, concatArrays),
  $mergeObjects: operator(0, ANY, mergeObjects),
  $filter: filter,
  $map: map,
};
