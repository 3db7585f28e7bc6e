import { MongoError, NotImplementedError } from '../semantics/errors.ts';
import { typeName } from '../semantics/value.ts';
import type { Call } from './call.ts';

/** MongoDB's limits in bytes. */
const MAX_DATABASE_BYTES = 63;
const MAX_NAMESPACE_BYTES = 255;

const invalid = (message: string): MongoError => new MongoError(73, message);

export function checkDatabase(name: unknown): asserts name is string {
  if (typeof name !== 'string') throw new MongoError(40414, "BSON field '$db' is missing but a required field");
  if (name === '' || /[/\\. "$*<>:|?\0]/.test(name) || Buffer.byteLength(name) > MAX_DATABASE_BYTES)
    throw invalid(`Invalid namespace specified '${name}'`);
}

/** The collection a command is about, as `database.collection`. */
export function namespaceOf(call: Call, field = call.name): string {
  const name = call.command.get(field);
  if (typeof name !== 'string') throw invalid(`collection name has invalid type ${typeName(name ?? null)}`);
  const namespace = `${call.db}.${name}`;
  if (name === '' || name.includes('\0')) throw invalid(`Invalid namespace specified '${namespace}'`);
  if (name.startsWith('.') || name.includes('$')) throw invalid(`Invalid collection name: ${name}`);
  if (Buffer.byteLength(namespace) > MAX_NAMESPACE_BYTES)
    throw invalid(`Fully qualified namespace is too long: ${name}`);
  if (name.startsWith('system.')) throw new NotImplementedError('a system collection', name);
  return namespace;
}
