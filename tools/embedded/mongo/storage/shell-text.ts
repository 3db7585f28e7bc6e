import {
  Binary,
  BsonDate,
  Decimal128,
  decimalToString,
  Doc,
  Int32,
  ObjectId,
  Timestamp,
  typeName,
  type Value,
} from '../semantics/index.ts';

/** A value as MongoDB's messages show it. */
function shellText(value: Value): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number') return Number.isInteger(value) ? value.toFixed(1) : String(value);
  if (value instanceof Int32) return String(value.value);
  if (value instanceof Doc) return documentText(value);
  if (Array.isArray(value)) return value.length > 0 ? `[ ${value.map(shellText).join(', ')} ]` : '[]';
  if (value instanceof ObjectId) return `ObjectId('${value.toHex()}')`;
  if (value instanceof BsonDate) return `new Date(${value.ms})`;
  if (value instanceof Decimal128) return decimalToString(value);
  if (value instanceof Timestamp) return `Timestamp(${value.seconds}, ${value.increment})`;
  if (value instanceof Binary)
    return `BinData(${value.subtype}, ${Buffer.from(value.bytes).toString('hex').toUpperCase()})`;
  return typeName(value);
}

export function documentText(doc: Doc): string {
  if (doc.size === 0) return '{}';
  return `{ ${[...doc].map(([name, value]) => `${name}: ${shellText(value)}`).join(', ')} }`;
}
