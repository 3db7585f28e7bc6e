import type { InputIssue } from '../errors/invalid-input.error.js';
import type { JsonSchema } from '../json.js';

/** A page of text; what asks a model for more than that asks for nothing definite. */
const MAX_SCHEMA_BYTES = 16_384;
/** Deeper answers are none that a person reads. */
const MAX_DEPTH = 16;
const MAX_ENUM = 200;

const TYPES = ['object', 'array', 'string', 'number', 'integer', 'boolean', 'null'];
/** As OpenAI and its like allow them. */
const PROPERTY_NAME = /^[A-Za-z_][A-Za-z0-9_-]{0,63}$/;

type Check = (value: unknown) => boolean;
const isText: Check = (value) => typeof value === 'string';
const isNumber: Check = (value) => typeof value === 'number';
const isCount: Check = (value) => Number.isSafeInteger(value) && Number(value) >= 0;
const isScalar: Check = (value) => value === null || ['string', 'number', 'boolean'].includes(typeof value);
const isTypes: Check = (value) => {
  const types = Array.isArray(value) ? value : [value];
  return types.length > 0 && types.every((type) => TYPES.includes(type)) && new Set(types).size === types.length;
};
const isPart: Check = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
const isParts: Check = (value) => Array.isArray(value) && value.length > 0 && value.length <= MAX_ENUM;
const isNames: Check = (value) => Array.isArray(value) && value.every(isText) && new Set(value).size === value.length;

/**
 * The keywords that there are. No `pattern`: a regular expression of a user could take for ever. No `$ref`: a schema
 * that repeats itself has no end.
 */
const KEYWORDS: ReadonlyMap<string, Check> = new Map([
  ['type', isTypes],
  ['title', isText],
  ['description', isText],
  ['properties', isPart],
  ['required', isNames],
  ['additionalProperties', (value: unknown) => typeof value === 'boolean'],
  ['items', isPart],
  ['anyOf', isParts],
  ['enum', (value: unknown) => isParts(value) && (value as unknown[]).every(isScalar)],
  ['const', isScalar],
  ['minimum', isNumber],
  ['maximum', isNumber],
  ['minLength', isCount],
  ['maxLength', isCount],
  ['minItems', isCount],
  ['maxItems', isCount],
]);

const issue = (path: string, rule: string, message: string): InputIssue => ({ path, rule, message });
const isPrintable = (key: string): boolean => /^[A-Za-z0-9_$-]{1,64}$/.test(key);

function* problemsOf(schema: unknown, path: string, depth: number): Generator<InputIssue> {
  if (depth > MAX_DEPTH) return yield issue(path, 'maxDepth', `nests deeper than ${MAX_DEPTH} levels`);
  if (!isPart(schema)) return yield issue(path, 'isObject', 'must be a schema, which is an object');
  for (const [keyword, value] of Object.entries(schema as object) as Array<[string, unknown]>) {
    const check = KEYWORDS.get(keyword);
    const at = isPrintable(keyword) ? `${path}.${keyword}` : path;
    if (!check) yield issue(at, 'key_forbidden', 'is not a keyword that schemas of answers may have');
    else if (!check(value)) yield issue(at, 'isSchema', 'does not have the value that this keyword takes');
    else yield* problemsOfParts(keyword, value, at, depth);
  }
}

function* problemsOfParts(keyword: string, value: unknown, path: string, depth: number): Generator<InputIssue> {
  if (keyword === 'items') yield* problemsOf(value, path, depth + 1);
  if (keyword === 'anyOf') for (const part of value as unknown[]) yield* problemsOf(part, path, depth + 1);
  if (keyword !== 'properties') return;
  for (const [name, part] of Object.entries(value as object) as Array<[string, unknown]>) {
    const at = isPrintable(name) ? `${path}.${name}` : path;
    if (!PROPERTY_NAME.test(name)) yield issue(at, 'key_forbidden', 'is not a name that a field may have');
    else yield* problemsOf(part, at, depth + 1);
  }
}

/** What keeps a value from being the schema of an answer; nothing when it is one. */
export function outputSchemaIssues(schema: unknown, path = 'output'): InputIssue[] {
  const text = JSON.stringify(schema) ?? '';
  if (new TextEncoder().encode(text).length > MAX_SCHEMA_BYTES)
    return [issue(path, 'maxBytes', `must be at most ${MAX_SCHEMA_BYTES} bytes of JSON`)];
  const problems = [...problemsOf(schema, path, 1)];
  if (problems.length === 0 && (schema as JsonSchema)['type'] !== 'object')
    return [issue(`${path}.type`, 'isObject', 'must be object: an answer is an object')];
  return problems;
}
