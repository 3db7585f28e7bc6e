export { compilePipeline, type PipelineOptions, type Stage } from './aggregate/compile.ts';
export type { Foreign } from './aggregate/lookup.ts';
export { checkDocument } from './bson/check.ts';
export { decode } from './bson/decode.ts';
export { encode, encodeValue } from './bson/encode.ts';
export { compare, equals, hashKey, identical } from './compare.ts';
export { decimalToString, parseDecimal } from './decimal.ts';
export { parseEjson } from './ejson.ts';
export { MongoError, NotImplementedError } from './errors.ts';
export { find, type FindQuery } from './find.ts';
export type { Bound } from './match/bounds.ts';
export type { MatchDetails } from './match/clause.ts';
export { compileFilter, type Filter, type MatchOptions } from './match/compile.ts';
export { compileAddFields, compileProjection, type Projection, type ProjectionOptions } from './project.ts';
export { parseSort, sortDocuments, sortKeys, type SortPart } from './sort.ts';
export { compileUpdate, type Applied, type ApplyOptions, type Update } from './update/compile.ts';
export { documentOfQuery } from './update/upsert.ts';
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
  type TypeName,
  type Value,
} from './value.ts';
