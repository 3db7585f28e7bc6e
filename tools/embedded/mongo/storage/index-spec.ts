import { compileFilter, Doc, Int32, MongoError, NotImplementedError, type Value } from '../semantics/index.ts';
import { arrayIndex } from '../semantics/path.ts';
import { integral, isNumeric, truncated } from '../semantics/number.ts';
import { truthy } from '../semantics/match/tests.ts';
import { documentText } from './shell-text.ts';

const MAX_INDEXED_FIELDS = 32;
/** MongoDB keeps the option in an int. */
const MAX_EXPIRE_SECONDS = 2 ** 31 - 1;

const KNOWN = new Set([
  'v',
  'key',
  'name',
  'unique',
  'sparse',
  'expireAfterSeconds',
  'partialFilterExpression',
  'background',
  'ns',
]);
const REFUSED = new Set(
  `hidden collation storageEngine weights default_language language_override textIndexVersion 2dsphereIndexVersion bits
  min max bucketSize wildcardProjection prepareUnique clustered`.split(/\s+/),
);
const PLUGINS = new Set(['text', '2d', '2dsphere', 'hashed', 'geoHaystack', 'columnstore']);

const cannotCreate = (message: string): MongoError => new MongoError(67, message);

function checkKeyValue(value: Value, path: string): void {
  if (typeof value === 'string') {
    if (PLUGINS.has(value)) throw new NotImplementedError(`${value} index`);
    throw cannotCreate(`Unknown index plugin '${value}'`);
  }
  if (!isNumeric(value)) throw cannotCreate(`Values in v:2 index key pattern must be numbers or strings. ${path}`);
  const number = typeof value === 'number' ? value : Number(integral(value) ?? Number.NaN);
  if (number === 0) throw cannotCreate('Values in the index key pattern cannot be 0.');
  if (Number.isNaN(number)) throw cannotCreate('Values in the index key pattern cannot be NaN.');
}

function checkPath(path: string): void {
  if (path === '' || path.split('.').includes(''))
    throw cannotCreate(`Index keys cannot contain an empty field: '${path}'`);
  if (path === '$**' || path.endsWith('.$**')) throw new NotImplementedError('wildcard index');
  if (path.split('.').some((part) => part.startsWith('$')))
    throw cannotCreate(`Index key contains an illegal field name: field name starts with '$'.`);
  // A number may mean a place in an array or a field's name, and one key cannot serve both.
  if (path.split('.').some((part) => arrayIndex(part) !== undefined))
    throw new NotImplementedError('an index path with a number', path);
}

function checkKey(key: Value | undefined): Doc {
  if (key === undefined) throw new MongoError(9, "The 'key' field is a required property of an index specification");
  if (!(key instanceof Doc)) throw new MongoError(14, "The field 'key' must be an object");
  if (key.size === 0) throw cannotCreate('Index keys cannot be empty.');
  if (key.size > MAX_INDEXED_FIELDS)
    throw new MongoError(13103, `Number of fields in compound index can't exceed ${MAX_INDEXED_FIELDS}`);
  for (const [path, value] of key) {
    checkPath(path);
    checkKeyValue(value, path);
  }
  return key;
}

const PARTIAL_OPERATORS = new Set(['$eq', '$gt', '$gte', '$lt', '$lte', '$type', '$in']);

/** Only conditions that one value can meet alone, which is what choosing a partial index relies on. */
function checkPartial(expression: Doc): void {
  for (const [name, operand] of expression) {
    if (name === '$and' && Array.isArray(operand)) {
      for (const branch of operand) if (branch instanceof Doc) checkPartial(branch);
      continue;
    }
    if (name === '$or') throw new NotImplementedError('$or in partialFilterExpression');
    if (name.startsWith('$')) throw cannotCreate(`unsupported expression in partial index: ${name}`);
    if (!(operand instanceof Doc) || operand.firstKey()?.startsWith('$') !== true) continue;
    for (const [operator, value] of operand) {
      const allowed = operator === '$exists' ? truthy(value) : PARTIAL_OPERATORS.has(operator);
      if (!allowed) throw cannotCreate(`unsupported expression in partial index: ${operator}`);
    }
  }
}

function checkExpire(seconds: Value, key: Doc, spec: Doc): void {
  if (!isNumeric(seconds))
    throw cannotCreate(
      `TTL index 'expireAfterSeconds' option must be numeric, but received a type of ${typeof seconds}. Index spec: ${documentText(spec)}`,
    );
  const whole = Number(truncated(seconds) ?? Number.NaN);
  if (whole < 0)
    throw cannotCreate(
      `TTL index 'expireAfterSeconds' option cannot be less than 0. Index spec: ${documentText(spec)}`,
    );
  if (!(whole <= MAX_EXPIRE_SECONDS))
    throw cannotCreate(
      `TTL index 'expireAfterSeconds' option must be within an acceptable range. Index spec: ${documentText(spec)}`,
    );
  if (key.size > 1)
    throw cannotCreate(
      `TTL indexes are single-field indexes, compound indexes do not support TTL. Index spec: ${documentText(spec)}`,
    );
  if (key.has('_id'))
    throw new MongoError(197, "The field 'expireAfterSeconds' is not valid for an _id index specification");
}

function checkOptions(spec: Doc, key: Doc): void {
  for (const [option, value] of spec) {
    if (option === 'collation' && value instanceof Doc && value.get('locale') === 'simple' && value.size === 1)
      continue;
    if (option === 'hidden' && !truthy(value)) continue;
    if (REFUSED.has(option)) throw new NotImplementedError(`index option ${option}`);
    if (!KNOWN.has(option))
      throw new MongoError(
        197,
        `The field '${option}' is not valid for an index specification. Specification: ${documentText(spec)}`,
      );
  }
  const expire = spec.get('expireAfterSeconds');
  if (expire !== undefined) checkExpire(expire, key, spec);
  const partial = spec.get('partialFilterExpression');
  if (partial === undefined) return;
  if (!(partial instanceof Doc)) throw new MongoError(14, "The field 'partialFilterExpression' must be an object");
  if (truthy(spec.get('sparse'))) throw cannotCreate('cannot mix "partialFilterExpression" and "sparse" options');
  if (key.size === 1 && key.has('_id')) throw cannotCreate('_id index cannot be a partial index');
  compileFilter(partial);
  checkPartial(partial);
}

/** Checks one element of `createIndexes` and gives it back as `listIndexes` shows it. */
export function checkSpec(spec: Doc): Doc {
  try {
    const key = checkKey(spec.get('key'));
    const name = spec.get('name');
    if (name === undefined)
      throw new MongoError(9, "The 'name' field is a required property of an index specification");
    if (typeof name !== 'string') throw new MongoError(14, "The field 'name' must be a string");
    if (name === '' || name === '*' || name.includes('\0'))
      throw cannotCreate(`The index name '${name}' is not valid.`);
    checkOptions(spec, key);
    const shown = new Doc([
      ['v', new Int32(2)],
      ['key', key],
      ['name', name],
    ]);
    for (const option of ['unique', 'sparse'] as const) if (truthy(spec.get(option))) shown.set(option, true);
    const expire = spec.get('expireAfterSeconds');
    if (expire !== undefined) shown.set('expireAfterSeconds', expire);
    const partial = spec.get('partialFilterExpression');
    if (partial !== undefined) shown.set('partialFilterExpression', partial);
    return shown;
  } catch (error) {
    if (
      error instanceof MongoError &&
      !(error instanceof NotImplementedError) &&
      !error.message.includes('Index spec:')
    )
      throw new MongoError(error.code, `Error in specification ${documentText(spec)} :: caused by :: ${error.message}`);
    throw error;
  }
}
