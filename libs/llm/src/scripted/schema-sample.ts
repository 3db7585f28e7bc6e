import type { Json, JsonSchema } from '@flowmate/domain';

/** Deeper schemas are of no use in a demonstration, and one that refers to itself must end. */
const MAX_DEPTH = 8;

const isSchema = (value: unknown): value is JsonSchema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isJson = (value: unknown): value is Json => value !== undefined;

function sampleOfType(schema: JsonSchema, type: unknown, depth: number): Json {
  switch (type) {
    case 'string':
      return 'demonstration'.padEnd(Number(schema['minLength'] ?? 0), '.');
    case 'number':
    case 'integer':
      return Number(schema['minimum'] ?? 0);
    case 'boolean':
      return true;
    case 'array': {
      const count = Math.min(Number(schema['minItems'] ?? 0), 10);
      return Array.from({ length: count }, () => sampleOf(schema['items'], depth + 1));
    }
    case 'null':
      return null;
    default:
      return sampleOfObject(schema, depth);
  }
}

function sampleOfObject(schema: JsonSchema, depth: number): Json {
  const properties = isSchema(schema['properties']) ? schema['properties'] : {};
  return Object.fromEntries(Object.entries(properties).map(([name, inner]) => [name, sampleOf(inner, depth + 1)]));
}

/** Something that fits a plain JSON Schema: its types, enumerations and constants. Nothing cleverer than that. */
export function sampleOf(schema: unknown, depth = 0): Json {
  if (!isSchema(schema) || depth > MAX_DEPTH) return null;
  if (isJson(schema['const'])) return schema['const'];
  const { enum: values, type } = schema;
  if (Array.isArray(values) && isJson(values[0])) return values[0];
  return sampleOfType(schema, Array.isArray(type) ? type[0] : type, depth);
}
