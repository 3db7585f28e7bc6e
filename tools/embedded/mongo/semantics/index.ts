export { compilePipeline } from './aggregate/compile.ts';
export { checkDocument } from './bson/check.ts';
export { decode } from './bson/decode.ts';
export { encode, encodeValue } from './bson/encode.ts';
export { compare, equals, hashKey, identical } from './compare.ts';
export { decimalToString, parseDecimal } from './decimal.ts';
export { parseEjson } from './ejson.ts';
export { MongoError, NotImplementedError } from './errors.ts';
export { find } from './find.ts';
export type { Bound } from './match/bounds.ts';
export { compileFilter } from './match/compile.ts';
export { compileProjection } from './project.ts';
export { parseSort, sortKeys, type SortPart } from './sort.ts';
export { compileUpdate } from './update/compile.ts';
export {
  Binary,
  BsonDate,
  BsonSymbol,
  Code,
  DbPointer,
  Decimal128,
  Doc,
  Int32,
  MAX_KEY,
  MIN_KEY,
  ObjectId,
  Regex,
  Timestamp,
  typeName,
  UNDEFINED,
  type Value,
} from './value.ts';
