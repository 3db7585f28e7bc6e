import { compare, equals } from '../compare.ts';
import { badValue, failedToParse, MongoError } from '../errors.ts';
import { compileFilter, compileValueTest } from '../match/compile.ts';
import { matching } from '../match/tests.ts';
import { integral, isNumeric } from '../number.ts';
import { parseSort, sortDocuments } from '../sort.ts';
import { Doc, Regex, typeName, type Value } from '../value.ts';
import { KEEP, type Operation } from './operations.ts';

/** `$each` in front makes the operand a list with options; otherwise it is one value. */
const eachOf = (operand: Value): Doc | undefined =>
  operand instanceof Doc && operand.has('$each') ? operand : undefined;

function eachList(name: string, modifiers: Doc): Value[] {
  const each = modifiers.get('$each')!;
  if (Array.isArray(each)) return each;
  const code = name === '$addToSet' ? 14 : 2;
  throw new MongoError(code, `The argument to $each in ${name} must be an array but it was of type: ${typeName(each)}`);
}

function whole(name: string, value: Value | undefined): number | undefined {
  if (value === undefined) return undefined;
  const number = isNumeric(value) ? integral(value) : undefined;
  if (number === undefined)
    throw badValue(`The value for ${name} must be an integer value but was given type: ${typeName(value)}`);
  return Number(number);
}

type Order = (values: Value[]) => Value[];

/** `$sort: 1` orders whole values, `$sort: { field: 1 }` documents; what is no document sorts as one without fields. */
function pushSort(spec: Value | undefined): Order | undefined {
  if (spec === undefined) return undefined;
  if (spec instanceof Doc) {
    if (spec.size === 0) throw badValue('The $sort pattern is empty when it should be a set of fields.');
    const parts = parseSort(spec);
    return (values) => {
      const documents = values.map((value) => new Doc([['', value]]));
      const wrapped = parts.map((part) => ({ ...part, path: ['', ...part.path] }));
      return sortDocuments(documents, wrapped).map((doc) => doc.get('')!);
    };
  }
  const direction = isNumeric(spec) ? integral(spec) : undefined;
  if (direction !== 1n && direction !== -1n) throw badValue('The $sort element value must be either 1 or -1');
  return (values) => [...values].sort((left, right) => compare(left, right) * Number(direction));
}

const slice = (values: Value[], count: number): Value[] => (count < 0 ? values.slice(count) : values.slice(0, count));

export function push(operand: Value): Operation {
  const modifiers = eachOf(operand);
  const added = modifiers ? eachList('$push', modifiers) : [operand];
  for (const key of modifiers?.keys() ?? [])
    if (!['$each', '$slice', '$sort', '$position'].includes(key))
      throw badValue(`Unrecognized clause in $push: ${key}`);
  const keep = whole('$slice', modifiers?.get('$slice'));
  const order = pushSort(modifiers?.get('$sort'));
  const position = whole('$position', modifiers?.get('$position'));
  const run = (old: Value[]): Value[] => {
    const at = position === undefined ? old.length : position < 0 ? Math.max(0, old.length + position) : position;
    const joined = [...old.slice(0, at), ...added, ...old.slice(at)];
    const sorted = order ? order(joined) : joined;
    return keep === undefined ? sorted : slice(sorted, keep);
  };
  const isPlain = keep === undefined && !order && position === undefined && added.length > 0;
  return {
    creates: true,
    ...(isPlain && { appends: added }),
    apply: (old, _context, path) => {
      if (old === undefined) return run([]);
      if (!Array.isArray(old)) throw badValue(`The field '${path}' must be an array but is of type ${typeName(old)}`);
      return run(old);
    },
  };
}

export function addToSet(operand: Value): Operation {
  const modifiers = eachOf(operand);
  const added = modifiers ? eachList('$addToSet', modifiers) : [operand];
  if (modifiers && modifiers.size > 1) throw badValue('Found unexpected fields after $each in $addToSet');
  const run = (old: Value[]): Value[] => {
    const result = [...old];
    for (const value of added) if (!result.some((present) => equals(present, value))) result.push(value);
    return result;
  };
  return {
    creates: true,
    apply: (old) => {
      if (old === undefined) return run([]);
      if (!Array.isArray(old)) throw badValue(`Cannot apply $addToSet to non-array field of type ${typeName(old)}`);
      const result = run(old);
      return result.length === old.length ? KEEP : result;
    },
  };
}

export function pop(operand: Value): Operation {
  const end = isNumeric(operand) ? integral(operand) : undefined;
  if (!isNumeric(operand)) throw failedToParse(`Expected a number in: $pop`);
  if (end !== 1n && end !== -1n) throw failedToParse(`$pop expects 1 or -1`);
  return {
    creates: false,
    apply: (old, _context, path) => {
      if (!Array.isArray(old)) throw new MongoError(14, `Path '${path}' contains an element of non-array type`);
      if (old.length === 0) return KEEP;
      return end === 1n ? old.slice(0, -1) : old.slice(1);
    },
  };
}

function removing(test: (value: Value) => boolean): Operation {
  return {
    creates: false,
    apply: (old) => {
      if (!Array.isArray(old)) throw badValue('Cannot apply $pull to a non-array value');
      const kept = old.filter((element) => !test(element));
      return kept.length === old.length ? KEEP : kept;
    },
  };
}

/** A document without operators is a query on elements that are documents; anything else must equal the element. */
function pullTest(condition: Value): (value: Value) => boolean {
  if (condition instanceof Regex) {
    const test = matching(condition);
    return (value) => test(value);
  }
  if (!(condition instanceof Doc)) return (value) => equals(value, condition);
  const first = condition.firstKey();
  if (first?.startsWith('$') && !['$and', '$or', '$nor', '$expr'].includes(first)) {
    // The server parses the condition as a query, where these are no names of operators.
    if (first === '$not') throw badValue('unknown top level operator: $not');
    return compileValueTest(condition);
  }
  const { matches } = compileFilter(condition);
  return (value) => value instanceof Doc && matches(value);
}

export const pull = (operand: Value): Operation => removing(pullTest(operand));

export function pullAll(operand: Value): Operation {
  if (!Array.isArray(operand))
    throw badValue(`$pullAll requires an array argument but was given a ${typeName(operand)}`);
  return removing((value) => operand.some((one) => equals(one, value)));
}
