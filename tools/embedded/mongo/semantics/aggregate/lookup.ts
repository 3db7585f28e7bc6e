import { MongoError, NotImplementedError } from '../errors.ts';
import { visitPath } from '../path.ts';
import { Doc, Regex, type Value } from '../value.ts';
import { withNested } from './nested.ts';

/** What the filter finds in another collection of the same database, in natural order. */
export type Foreign = (collection: string, filter: Doc) => Doc[];

const FIELDS = ['from', 'localField', 'foreignField', 'as'] as const;

function parse(spec: Value): Record<(typeof FIELDS)[number], string> {
  if (!(spec instanceof Doc)) throw new MongoError(9, 'the $lookup specification must be an object');
  for (const name of ['pipeline', 'let']) if (spec.has(name)) throw new NotImplementedError('$lookup', `with ${name}`);
  const found: Record<string, string> = {};
  for (const [name, value] of spec) {
    if (!(FIELDS as readonly string[]).includes(name)) throw new MongoError(9, `unknown argument to $lookup: ${name}`);
    if (name === 'from' && value instanceof Doc) throw new NotImplementedError('$lookup', 'from another database');
    if (typeof value !== 'string') throw new MongoError(9, `$lookup argument '${name}' must be a string`);
    found[name] = value;
  }
  const { from, localField, foreignField, as } = found;
  if (as === undefined) throw new MongoError(9, "must specify 'as' field for a $lookup");
  if (from === undefined) throw new MongoError(9, "must specify 'from' field for a $lookup");
  if (localField === undefined || foreignField === undefined)
    throw new MongoError(4572, "$lookup requires both or neither of 'localField' and 'foreignField' to be specified");
  return { from, localField, foreignField, as };
}

/** All values at the local path; an array stands for its elements, nothing at all stands for null. */
function localValues(document: Doc, parts: readonly string[]): Value[] {
  const values: Value[] = [];
  visitPath(document, parts, false, (value) => {
    if (Array.isArray(value)) values.push(...value);
    else if (value !== undefined) values.push(value);
    return false;
  });
  return values.length > 0 ? values : [null];
}

/** A regular expression inside `$in` would be matched against, here it is a value like any other. */
function equalToAny(field: string, values: Value[]): Doc {
  const equal = (value: Value): Doc => Doc.of({ [field]: Doc.of({ $eq: value }) });
  if (values.length === 1) return equal(values[0]!);
  if (values.some((value) => value instanceof Regex)) return Doc.of({ $or: values.map(equal) });
  return Doc.of({ [field]: Doc.of({ $in: values }) });
}

/** The equality form of `$lookup`: the documents of another collection whose field has one of the local values. */
export function compileLookup(spec: Value, foreign: Foreign | undefined): (documents: Doc[]) => Doc[] {
  const { from, localField, foreignField, as } = parse(spec);
  if (!foreign) throw new NotImplementedError('$lookup', 'without other collections');
  const local = localField.split('.');
  const place = as.split('.');
  return (documents) =>
    documents.map((document) =>
      withNested(document, place, foreign(from, equalToAny(foreignField, localValues(document, local)))),
    );
}
