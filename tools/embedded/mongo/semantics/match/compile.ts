import { badValue, NotImplementedError } from '../errors.ts';
import { compileExpression } from '../expression/compile.ts';
import { scopeOf } from '../expression/scope.ts';
import { BsonDate, BsonUndefined, Doc, Regex, type Value } from '../value.ts';
import { boundsOf, type Bound } from './bounds.ts';
import { anyValue, every, NEVER, not, type Clause, type MatchDetails } from './clause.ts';
import {
  asDocument,
  bits,
  comparison,
  equalTo,
  isBitOperator,
  matching,
  modulo,
  ofSize,
  oneOf,
  ofType,
  truthy,
  type Comparison,
} from './tests.ts';

type Predicate = (doc: Doc, details?: MatchDetails) => boolean;

export interface MatchOptions {
  /** What `$$NOW` is inside `$expr`. */
  readonly now?: BsonDate;
}

export interface Filter {
  readonly matches: Predicate;
  /** Sound (never too narrow) limits per path, for choosing an index. */
  readonly bounds: () => Map<string, Bound>;
}

const UNSUPPORTED = new Set([
  '$where',
  '$text',
  '$jsonSchema',
  '$sampleRate',
  '$alwaysTrue',
  '$alwaysFalse',
  '$geoWithin',
  '$geoIntersects',
  '$near',
  '$nearSphere',
  '$geoNear',
  '$within',
]);

const isOperatorDocument = (value: Value): value is Doc =>
  value instanceof Doc &&
  value.firstKey()?.startsWith('$') === true &&
  !['$ref', '$id', '$db'].includes(value.firstKey()!);

function list(operator: string, operand: Value): Value[] {
  if (!Array.isArray(operand)) throw badValue(`${operator} needs an array`);
  return operand;
}

function inList(operator: string, operand: Value): Clause {
  const values = list(operator, operand);
  if (values.some(isOperatorDocument)) throw badValue(`cannot nest $ under ${operator}`);
  if (values.some((value) => value instanceof BsonUndefined))
    throw badValue('InMatchExpression equality cannot be undefined');
  return anyValue(oneOf(values));
}

function elemMatch(operand: Value, options: MatchOptions): Clause {
  if (!(operand instanceof Doc)) throw badValue('$elemMatch needs an Object');
  const first = operand.firstKey();
  if (isOperatorDocument(operand) && !['$and', '$or', '$nor', '$where', '$expr'].includes(first!)) {
    const clause = operators(operand, options);
    return inArray((element) => clause.on(element));
  }
  const matches = compileAll(operand, options);
  return inArray((element) => {
    const doc = asDocument(element);
    return doc !== undefined && matches(doc);
  });
}

const inArray = (test: (element: Value) => boolean): Clause =>
  anyValue((value, details) => {
    if (!Array.isArray(value)) return false;
    const index = value.findIndex(test);
    if (details && index >= 0) details.index = index;
    return index >= 0;
  }, false);

function all(operand: Value, options: MatchOptions): Clause {
  const values = list('$all', operand);
  if (values.length === 0) return NEVER;
  const nested = values.filter((value): value is Doc => value instanceof Doc && value.firstKey() === '$elemMatch');
  if (nested.length > 0 && nested.length < values.length) throw badValue('no $ expressions in $all');
  if (nested.length > 0)
    return every(
      nested.map((value) => {
        if (value.size !== 1) throw badValue('$all/$elemMatch has to be consistent');
        return elemMatch(value.get('$elemMatch')!, options);
      }),
    );
  if (values.some(isOperatorDocument)) throw badValue('no $ expressions in $all');
  return every(values.map((value) => anyValue(value instanceof Regex ? matching(value) : equalTo(value))));
}

function negation(operand: Value, options: MatchOptions): Clause {
  if (operand instanceof Regex) return not(anyValue(matching(operand)));
  if (!(operand instanceof Doc)) throw badValue('$not needs a regex or a document');
  if (operand.size === 0) throw badValue('$not cannot be empty');
  return not(operators(operand, options));
}

function notEqual(operand: Value): Clause {
  if (operand instanceof Regex) throw badValue("Can't have regex as arg to $ne.");
  return not(anyValue(equalTo(operand)));
}

function regexOperator(siblings: Doc): Clause {
  const pattern = siblings.get('$regex');
  const flags = siblings.get('$options');
  if (pattern === undefined) throw badValue('$options needs a $regex');
  if (flags !== undefined && typeof flags !== 'string') throw badValue('$options has to be a string');
  if (pattern instanceof Regex) return anyValue(matching(new Regex(pattern.pattern, flags ?? pattern.options)));
  if (typeof pattern !== 'string') throw badValue('$regex has to be a string');
  return anyValue(matching(new Regex(pattern, flags ?? '')));
}

type Build = (operand: Value, options: MatchOptions, siblings: Doc) => Clause;

const compared =
  (operator: Comparison): Build =>
  (operand) =>
    anyValue(comparison(operator, operand));

const exists: Build = (operand) => {
  const present = anyValue((value) => value !== undefined);
  return truthy(operand) ? present : not(present);
};

const OPERATORS: Record<string, Build> = {
  $eq: (operand) => anyValue(equalTo(operand)),
  $ne: notEqual,
  $gt: compared('$gt'),
  $gte: compared('$gte'),
  $lt: compared('$lt'),
  $lte: compared('$lte'),
  $in: (operand) => inList('$in', operand),
  $nin: (operand) => not(inList('$nin', operand)),
  $exists: exists,
  $type: (operand) => anyValue(ofType(operand)),
  $size: (operand) => anyValue(ofSize(operand), false),
  $mod: (operand) => anyValue(modulo(operand)),
  $regex: (_operand, _options, siblings) => regexOperator(siblings),
  $options: (_operand, _options, siblings) => regexOperator(siblings),
  $not: negation,
  $all: all,
  $elemMatch: elemMatch,
};

function operators(doc: Doc, options: MatchOptions): Clause {
  const clauses: Clause[] = [];
  for (const [operator, operand] of doc) {
    if (UNSUPPORTED.has(operator)) throw new NotImplementedError(operator);
    if (isBitOperator(operator)) clauses.push(anyValue(bits(operator, operand)));
    else if (!Object.hasOwn(OPERATORS, operator)) throw badValue(`unknown operator: ${operator}`);
    else clauses.push(OPERATORS[operator]!(operand, options, doc));
  }
  return clauses.length === 1 ? clauses[0]! : every(clauses);
}

function field(path: string, operand: Value, options: MatchOptions): Predicate {
  if (path.endsWith('.')) throw new NotImplementedError('a path that ends in a dot');
  const parts = path.split('.');
  const clause = isOperatorDocument(operand)
    ? operators(operand, options)
    : anyValue(operand instanceof Regex ? matching(operand) : equalTo(operand));
  return (doc, details) => clause.at(doc, parts, details);
}

function branches(operator: string, operand: Value, options: MatchOptions): Predicate[] {
  if (!Array.isArray(operand)) throw badValue(`${operator} must be an array`);
  if (operand.length === 0) throw badValue('$and/$or/$nor must be a nonempty array');
  return operand.map((branch) => {
    if (!(branch instanceof Doc)) throw badValue('$or/$and/$nor entries need to be full objects');
    return compileAll(branch, options);
  });
}

function expression(operand: Value, options: MatchOptions): Predicate {
  const evaluate = compileExpression(operand);
  return (doc) => truthy(evaluate(scopeOf(doc, options.now)));
}

function topLevel(operator: string, operand: Value, options: MatchOptions): Predicate {
  if (UNSUPPORTED.has(operator)) throw new NotImplementedError(operator);
  if (operator === '$comment') return () => true;
  if (operator === '$expr') return expression(operand, options);
  if (operator !== '$and' && operator !== '$or' && operator !== '$nor')
    throw badValue(`unknown top level operator: ${operator}`);
  const tests = branches(operator, operand, options);
  if (operator === '$and') return (doc, details) => tests.every((test) => test(doc, details));
  if (operator === '$or') return (doc, details) => tests.some((test) => test(doc, details));
  return (doc) => !tests.some((test) => test(doc));
}

function compileAll(filter: Doc, options: MatchOptions): Predicate {
  const tests = [...filter].map(([name, operand]) =>
    name.startsWith('$') ? topLevel(name, operand, options) : field(name, operand, options),
  );
  return tests.length === 1 ? tests[0]! : (doc, details) => tests.every((test) => test(doc, details));
}

export function compileFilter(filter: Doc, options: MatchOptions = {}): Filter {
  return { matches: compileAll(filter, options), bounds: () => boundsOf(filter) };
}

/** `$pull`'s condition on one element, asked as of a field: an element that is an array may match by its own elements. */
export function compileValueTest(condition: Doc, options: MatchOptions = {}): (value: Value) => boolean {
  const clause = operators(condition, options);
  return (value) => clause.at(new Doc([['', value]]), ['']);
}
