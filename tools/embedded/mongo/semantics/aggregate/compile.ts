import { MongoError, NotImplementedError } from '../errors.ts';
import { compileExpression } from '../expression/compile.ts';
import { scopeOf } from '../expression/scope.ts';
import { compileFilter } from '../match/compile.ts';
import { integral } from '../number.ts';
import { compileAddFields, compileProjection } from '../project.ts';
import { parseSort, sortDocuments } from '../sort.ts';
import { BsonDate, Doc, Int32, typeName, type Value } from '../value.ts';
import { compileGroup } from './group.ts';
import { compileLookup, type Foreign } from './lookup.ts';
import { compileUnwind } from './unwind.ts';

export type Stage = (documents: Doc[]) => Doc[];

export interface PipelineOptions {
  readonly now?: BsonDate;
  readonly foreign?: Foreign;
}

type Build = (spec: Value, options: PipelineOptions) => Stage;

const UNSUPPORTED = new Set(
  `$bucket $bucketAuto $changeStream $collStats $currentOp $densify $documents $fill $geoNear $graphLookup $indexStats
  $listSessions $merge $out $planCacheStats $redact $sample $search $setWindowFields
  $unionWith $vectorSearch $listLocalSessions`.split(/\s+/),
);

function object(spec: Value, code: number, message: string): Doc {
  if (!(spec instanceof Doc)) throw new MongoError(code, message);
  return spec;
}

const match: Build = (spec, options) => {
  const { matches } = compileFilter(
    object(spec, 15959, 'the match filter must be an expression in an object'),
    options,
  );
  return (documents) => documents.filter((document) => matches(document));
};

const sort: Build = (spec) => {
  const parts = parseSort(object(spec, 15973, 'the $sort key specification must be an object'));
  if (parts.length === 0) throw new MongoError(15976, '$sort stage must have at least one sort key');
  return (documents) => sortDocuments(documents, parts);
};

function whole(spec: Value, code: number, message: string): number {
  const count = integral(spec);
  if (count === undefined) throw new MongoError(code, message);
  return Number(count);
}

const limit: Build = (spec) => {
  const count = whole(spec, 15957, 'the limit must be specified as a number');
  if (count <= 0) throw new MongoError(15958, 'the limit must be positive');
  return (documents) => documents.slice(0, count);
};

const skip: Build = (spec) => {
  const count = whole(spec, 15972, 'Argument to $skip must be a number');
  if (count < 0) throw new MongoError(15956, 'Argument to $skip cannot be negative');
  return (documents) => documents.slice(count);
};

const project: Build = (spec, options) => {
  const doc = object(spec, 15969, '$project specification must be an object');
  if (doc.size === 0) throw new MongoError(51272, 'projection specification must have at least one field');
  const apply = compileProjection(doc, options);
  return (documents) => documents.map(apply);
};

const addFields: Build = (spec, { now }) => {
  const apply = compileAddFields(object(spec, 40272, '$addFields specification stage must be an object'), now);
  return (documents) => documents.map(apply);
};

const unset: Build = (spec) => {
  const names = Array.isArray(spec) ? spec : [spec];
  if (names.length === 0 || names.some((name) => typeof name !== 'string'))
    throw new MongoError(31002, '$unset specification must be a string or an array of strings');
  const apply = compileProjection(new Doc(names.map((name) => [String(name), new Int32(0)] as const)));
  return (documents) => documents.map(apply);
};

const count: Build = (spec) => {
  if (typeof spec !== 'string') throw new MongoError(40156, 'the count field must be a non-empty string');
  if (spec === '') throw new MongoError(40157, 'the count field must be a non-empty string');
  if (spec.startsWith('$')) throw new MongoError(40158, 'the count field cannot be a $-prefixed path');
  if (spec.includes('.')) throw new MongoError(40160, "the count field cannot contain '.'");
  return (documents) => (documents.length > 0 ? [new Doc([[spec, new Int32(documents.length)]])] : []);
};

const replaceRoot: Build = (spec, options) => {
  const root = object(spec, 40229, 'expected an object as specification for $replaceRoot stage').get('newRoot');
  if (root === undefined) throw new MongoError(40231, 'no newRoot specified for the $replaceRoot stage');
  return replaceWith(root, options);
};

const replaceWith: Build = (root, { now }) => {
  const run = compileExpression(root);
  return (documents) =>
    documents.map((document) => {
      const value = run(scopeOf(document, now));
      if (value instanceof Doc) return value;
      const type = value === undefined ? 'missing' : typeName(value);
      throw new MongoError(40228, `'newRoot' expression must evaluate to an object, but was of type '${type}'`);
    });
};

const sortByCount: Build = (spec, { now }) => {
  if (typeof spec !== 'string' && !(spec instanceof Doc))
    throw new MongoError(40149, 'the sortByCount field must be specified as a string or as an object');
  const group = compileGroup(Doc.of({ _id: spec, count: Doc.of({ $sum: new Int32(1) }) }), now);
  const order = parseSort(Doc.of({ count: new Int32(-1) }));
  return (documents) => sortDocuments(group(documents), order);
};

/** What MongoDB allows only at the start or the end of a whole pipeline. */
const NOT_IN_FACET = new Set(['$facet', '$out', '$merge', '$geoNear', '$indexStats', '$collStats']);

const facet: Build = (spec, options) => {
  const fields = object(spec, 40169, 'the $facet specification must be a non-empty object');
  if (fields.size === 0) throw new MongoError(40169, 'the $facet specification must be a non-empty object');
  const facets = [...fields].map(([name, stages]) => {
    if (name.startsWith('$') || name.includes('.')) throw new MongoError(16410, `not a valid facet name: '${name}'`);
    if (!Array.isArray(stages)) throw new MongoError(40170, `arguments to $facet must be arrays, ${name} is none`);
    for (const inner of stages) {
      const operator = inner instanceof Doc ? inner.firstKey() : undefined;
      if (operator && NOT_IN_FACET.has(operator))
        throw new MongoError(40600, `${operator} is not allowed to be used within a $facet stage`);
    }
    return [name, compilePipeline(stages, options)] as const;
  });
  return (documents) => [new Doc(facets.map(([name, run]) => [name, run(documents)] as const))];
};

const STAGES: Record<string, Build> = {
  $match: match,
  $sort: sort,
  $limit: limit,
  $skip: skip,
  $project: project,
  $addFields: addFields,
  $set: addFields,
  $unset: unset,
  $count: count,
  $replaceRoot: replaceRoot,
  $replaceWith: replaceWith,
  $facet: facet,
  $unwind: (spec) => compileUnwind(spec),
  $lookup: (spec, { foreign }) => compileLookup(spec, foreign),
  $sortByCount: sortByCount,
  $group: (spec, { now }) => compileGroup(spec, now),
};

function stage(spec: Value, options: PipelineOptions): Stage {
  if (!(spec instanceof Doc) || spec.size !== 1)
    throw new MongoError(40323, 'A pipeline stage specification object must contain exactly one field.');
  const name = spec.firstKey()!;
  if (UNSUPPORTED.has(name)) throw new NotImplementedError(name);
  const build = Object.hasOwn(STAGES, name) ? STAGES[name] : undefined;
  if (!build) throw new MongoError(40324, `Unrecognized pipeline stage name: '${name}'`);
  return build(spec.get(name)!, options);
}

/** Checks all stages first; what comes back runs them over documents in memory. */
export function compilePipeline(pipeline: readonly Value[], options: PipelineOptions = {}): Stage {
  const stages = pipeline.map((spec) => stage(spec, options));
  return (documents) => stages.reduce((current, run) => run(current), documents);
}
