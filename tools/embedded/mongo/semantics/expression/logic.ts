import { compare } from '../compare.ts';
import { MongoError } from '../errors.ts';
import { isNumeric } from '../number.ts';
import { BsonUndefined, Doc, Int32, UNDEFINED } from '../value.ts';
import { fieldsOf, folded, operator } from './build.ts';
import { bind, isNullish, type Build, type Compiled, type Result } from './scope.ts';

export function isTrue(value: Result): boolean {
  if (isNullish(value) || value === false || value instanceof BsonUndefined) return false;
  return !isNumeric(value) || compare(value, 0) !== 0;
}

/** A missing value sorts like undefined, before null: `$eq: ['$missing', null]` is false. */
const compareResults = (left: Result, right: Result): number =>
  left === right ? 0 : compare(left === undefined ? UNDEFINED : left, right === undefined ? UNDEFINED : right);

const comparing = (holds: (order: number) => boolean): Build =>
  operator(2, 2, ([left, right]) => holds(compareResults(left, right)));

/** `$and` and `$or` stop at the first argument that decides. */
const deciding =
  (decisive: boolean): Build =>
  (argument, compile) => {
    const parts = (Array.isArray(argument) ? argument : [argument]).map((part) => compile(part));
    return folded(parts, (scope) => parts.some((part) => isTrue(part.run(scope)) === decisive) === decisive);
  };

const cond: Build = (argument, compile, name) => {
  const list = Array.isArray(argument) ? argument : undefined;
  if (list && list.length !== 3)
    throw new MongoError(16020, `Expression $cond takes exactly 3 arguments. ${list.length} were passed in.`);
  const doc = list
    ? undefined
    : fieldsOf(argument, name, { required: ['if', 'then', 'else'], optional: [], codes: [16020, 17083, 17080] });
  const [test, yes, no] = (list ?? [doc!.get('if')!, doc!.get('then')!, doc!.get('else')!]).map((part) =>
    compile(part),
  );
  return folded([test!, yes!, no!], (scope) => (isTrue(test!.run(scope)) ? yes : no)!.run(scope));
};

const ifNull: Build = (argument, compile) => {
  if (!Array.isArray(argument) || argument.length < 2)
    throw new MongoError(1257300, '$ifNull needs at least two arguments');
  const parts = argument.map((part) => compile(part));
  return folded(parts, (scope) => {
    let value: Result;
    for (const part of parts) {
      value = part.run(scope);
      if (!isNullish(value) && !(value instanceof BsonUndefined)) return value;
    }
    return value;
  });
};

const switchCase: Build = (argument, compile, name) => {
  const doc = fieldsOf(argument, name, {
    required: [],
    optional: ['branches', 'default'],
    codes: [40060, 40067, 40068],
  });
  const branches = doc.get('branches');
  if (!Array.isArray(branches)) throw new MongoError(branches === undefined ? 40068 : 40061, '$switch needs branches');
  if (branches.length === 0) throw new MongoError(40068, '$switch requires at least one branch.');
  const pairs = branches.map((branch): [Compiled, Compiled] => {
    const parts = fieldsOf(branch, name, { required: ['case', 'then'], optional: [], codes: [40062, 40063, 40064] });
    return [compile(parts.get('case')!), compile(parts.get('then')!)];
  });
  const otherwise = doc.get('default');
  const fallback = otherwise === undefined ? undefined : compile(otherwise);
  return folded([...pairs.flat(), ...(fallback ? [fallback] : [])], (scope) => {
    for (const [test, then] of pairs) if (isTrue(test.run(scope))) return then.run(scope);
    if (!fallback)
      throw new MongoError(40066, '$switch could not find a matching branch, and no default was specified.');
    return fallback.run(scope);
  });
};

const letIn: Build = (argument, compile, name) => {
  const doc = fieldsOf(argument, name, { required: ['vars', 'in'], optional: [], codes: [16874, 16875, 16877] });
  const vars = doc.get('vars');
  if (!(vars instanceof Doc)) throw new MongoError(10065, "invalid parameter: expected an object ('vars')");
  const bound = [...vars].map(([variable, value]) => [variable, compile(value)] as const);
  const body = compile(doc.get('in')!, [...vars.keys()]);
  return {
    constant: false,
    run: (scope) =>
      body.run(
        bind(
          scope,
          bound.map(([variable, part]) => [variable, part.run(scope)] as const),
        ),
      ),
  };
};

export const LOGIC: Record<string, Build> = {
  $eq: comparing((order) => order === 0),
  $ne: comparing((order) => order !== 0),
  $gt: comparing((order) => order > 0),
  $gte: comparing((order) => order >= 0),
  $lt: comparing((order) => order < 0),
  $lte: comparing((order) => order <= 0),
  $cmp: operator(2, 2, ([left, right]) => new Int32(Math.sign(compareResults(left, right)))),
  $and: deciding(false),
  $or: deciding(true),
  $not: operator(1, 1, ([value]) => !isTrue(value)),
  $cond: cond,
  $ifNull: ifNull,
  $switch: switchCase,
  $let: letIn,
};
