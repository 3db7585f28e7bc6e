import { failedToParse, badValue, MongoError, NotImplementedError } from '../errors.ts';
import { BsonDate, Doc, typeName, type Value } from '../value.ts';
import { addToSet, pop, pull, pullAll, push } from './array-operators.ts';
import { compileArrayFilters } from './filters.ts';
import { applyTree } from './apply.ts';
import { KEEP, type Operation, type UpdateContext } from './operations.ts';
import { replace } from './replacement.ts';
import {
  bitwise,
  currentDate,
  increment,
  maximum,
  minimum,
  multiply,
  setOnInsert,
  setTo,
  unset,
} from './scalar-operators.ts';
import { emptyNode, insert, isFilter, type Node } from './tree.ts';

export interface ApplyOptions {
  readonly now: BsonDate;
  /** The array place the query met, for `$`. */
  readonly matchedIndex?: number;
  /** The document is being inserted by an upsert. */
  readonly inserting?: boolean;
}

interface Applied {
  readonly document: Doc;
  readonly modified: boolean;
}

export interface Update {
  readonly replacement: boolean;
  readonly apply: (document: Doc, options: ApplyOptions) => Applied;
}

const OPERATORS: Record<string, (operand: Value) => Operation> = {
  $set: setTo,
  $setOnInsert: setOnInsert,
  $unset: () => unset,
  $inc: increment,
  $mul: multiply,
  $min: minimum,
  $max: maximum,
  $currentDate: currentDate,
  $bit: bitwise,
  $push: push,
  $addToSet: addToSet,
  $pop: pop,
  $pull: pull,
  $pullAll: pullAll,
};

const STORING = new Set(['$set', '$setOnInsert', '$min', '$max', '$push', '$addToSet']);

/** Field names with a leading dollar became storable in 5.0, in some places: refused, so never half right. */
function checkNames(value: Value, top = true): void {
  if (Array.isArray(value)) for (const element of value) checkNames(element, false);
  if (!(value instanceof Doc)) return;
  for (const [name, inner] of value) {
    const modifier = top && value.has('$each');
    if (name.startsWith('$') && !modifier && !['$ref', '$id', '$db'].includes(name))
      throw new NotImplementedError('a field name that starts with $', name);
    if (!modifier || name === '$each') checkNames(inner, false);
  }
}

function checkPath(path: string, filters: ReadonlyMap<string, unknown>, used: Set<string>): string[] {
  if (path === '') throw new MongoError(56, 'An empty update path is not valid.');
  const parts = path.split('.');
  if (parts.includes('')) throw new MongoError(56, `The update path '${path}' contains an empty field name`);
  if (parts[0] === '$' || isFilter(parts[0]!))
    throw badValue(`Cannot have positional (i.e. '$') element in the first position in path '${path}'`);
  if (parts.filter((part) => part === '$').length > 1)
    throw badValue(`Too many positional (i.e. '$') elements found in path '${path}'`);
  for (const part of parts) {
    if (!part.startsWith('$') || part === '$') continue;
    if (!isFilter(part)) throw new NotImplementedError('a field name that starts with $', path);
    const id = part.slice(2, -1);
    if (id === '') continue;
    if (!filters.has(id)) throw badValue(`No array filter found for identifier '${id}' in path '${path}'`);
    used.add(id);
  }
  return parts;
}

function renamed(from: string, to: Value, root: Node): void {
  if (typeof to !== 'string') throw badValue(`The 'to' field for $rename must be a string: ${from}`);
  const source = checkPath(from, new Map(), new Set());
  const target = checkPath(to, new Map(), new Set());
  if (source.includes('$') || target.includes('$'))
    throw badValue('The source and target field for $rename may not be dynamic');
  if (from === to) throw badValue(`The source and target field for $rename must differ: ${from}`);
  // The source is taken too, so that nothing else touches it; what removes it is the rename at the target.
  insert(root, source, { creates: false, lenient: true, apply: () => KEEP });
  if (`${to}.`.startsWith(`${from}.`) || `${from}.`.startsWith(`${to}.`))
    throw badValue(`The source and target field for $rename must not be on the same path: ${from}`);
  insert(root, target, { creates: true, apply: () => KEEP, source });
}

function compileOperators(update: Doc, arrayFilters: readonly Value[]): Update {
  const filters = compileArrayFilters(arrayFilters);
  const used = new Set<string>();
  const root = emptyNode();
  for (const [name, fields] of update) {
    if (name !== '$rename' && !Object.hasOwn(OPERATORS, name)) throw failedToParse(`Unknown modifier: ${name}`);
    if (!(fields instanceof Doc))
      throw failedToParse(`Modifiers operate on fields but we found type ${typeName(fields)} instead: ${name}`);
    for (const [path, operand] of fields) {
      if (name === '$rename') renamed(path, operand, root);
      else {
        const parts = checkPath(path, filters, used);
        const operation = OPERATORS[name]!(operand);
        if (STORING.has(name)) checkNames(operand);
        insert(root, parts, operation);
      }
    }
  }
  for (const id of filters.keys())
    if (!used.has(id)) throw failedToParse(`The array filter for identifier '${id}' was not used in the update`);
  return {
    replacement: false,
    apply: (document, options) => applyTree(root, document, contextOf(document, options, filters)),
  };
}

const contextOf = (original: Doc, options: ApplyOptions, filters: UpdateContext['filters']): UpdateContext => ({
  now: options.now,
  inserting: options.inserting ?? false,
  matchedIndex: options.matchedIndex,
  filters,
  original,
});

/** Checks an update once; what comes back changes documents without touching the ones it is given. */
export function compileUpdate(update: Value, arrayFilters: readonly Value[] = []): Update {
  if (Array.isArray(update)) throw new NotImplementedError('an update written as a pipeline');
  if (!(update instanceof Doc)) throw failedToParse('Update argument must be either an object or an array');
  if (update.firstKey()?.startsWith('$')) return compileOperators(update, arrayFilters);
  if (arrayFilters.length > 0) throw failedToParse('arrayFilters may not be specified for a replacement document');
  const dollar = [...update.keys()].find((key) => key.startsWith('$'));
  if (dollar) throw new MongoError(52, `The dollar ($) prefixed field '${dollar}' is not valid for storage.`);
  for (const value of update.values()) checkNames(value, false);
  return { replacement: true, apply: (document, options) => replace(document, update, options.inserting ?? false) };
}
