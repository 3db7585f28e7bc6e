import type { JsonSchema } from '../json.js';

/** Enough for a model to mend its answer. */
const MAX_PROBLEMS = 10;

const typeOf = (value: unknown): string => {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
};

const isOfType = (value: unknown, type: unknown): boolean =>
  type === 'integer' ? Number.isSafeInteger(value) : typeOf(value) === type;

const codePoints = (text: string): number => [...text].length;

function* boundProblems(value: unknown, schema: JsonSchema, at: string): Generator<string> {
  const measured: Array<[unknown, string, string, string]> = [
    [typeof value === 'number' ? value : undefined, 'minimum', 'maximum', ''],
    [typeof value === 'string' ? codePoints(value) : undefined, 'minLength', 'maxLength', ' characters'],
    [Array.isArray(value) ? value.length : undefined, 'minItems', 'maxItems', ' items'],
  ];
  for (const [size, least, most, unit] of measured) {
    if (size === undefined) continue;
    const [min, max] = [schema[least], schema[most]];
    if (typeof min === 'number' && Number(size) < min) yield `${at} is less than ${min}${unit}`;
    if (typeof max === 'number' && Number(size) > max) yield `${at} is more than ${max}${unit}`;
  }
}

function* objectProblems(value: object, schema: JsonSchema, at: string): Generator<string> {
  const parts = (schema['properties'] ?? {}) as Record<string, JsonSchema>;
  for (const name of (schema['required'] ?? []) as string[])
    if (!Object.hasOwn(value, name)) yield `${at}.${name} is missing`;
  for (const [name, part] of Object.entries(value) as Array<[string, unknown]>) {
    if (Object.hasOwn(parts, name)) yield* problemsOf(part, parts[name] ?? {}, `${at}.${name}`);
    else if (schema['additionalProperties'] === false) yield `${at} has a field that is not in the schema`;
  }
}

function* problemsOf(value: unknown, schema: JsonSchema, at: string): Generator<string> {
  const types = schema['type'] === undefined ? [] : [schema['type']].flat();
  if (types.length > 0 && !types.some((type) => isOfType(value, type)))
    return yield `${at} must be ${types.join(' or ')}`;
  const among = schema['enum'] as unknown[] | undefined;
  if (among && !among.includes(value)) yield `${at} is none of the values that it may have`;
  if (Object.hasOwn(schema, 'const') && schema['const'] !== value) yield `${at} is not the value that it must be`;
  const choices = schema['anyOf'] as JsonSchema[] | undefined;
  if (choices && !choices.some((choice) => problemsOf(value, choice, at).next().done))
    yield `${at} is none of what it may be`;
  yield* boundProblems(value, schema, at);
  if (Array.isArray(value) && schema['items'])
    for (const [index, item] of value.entries())
      yield* problemsOf(item, schema['items'] as JsonSchema, `${at}[${index}]`);
  if (typeOf(value) === 'object') yield* objectProblems(value as object, schema, at);
}

/**
 * In what an answer differs from its schema, in words for the model that gave it; nothing when it does not. The schema
 * is one that `outputSchemaIssues` has nothing against.
 */
export function outputProblems(value: unknown, schema: JsonSchema): string[] {
  const found: string[] = [];
  for (const problem of problemsOf(value, schema, 'answer')) {
    found.push(problem);
    if (found.length === MAX_PROBLEMS) break;
  }
  return found;
}
