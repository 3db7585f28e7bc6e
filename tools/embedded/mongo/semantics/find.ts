import { badValue } from './errors.ts';
import { compileFilter, type MatchOptions } from './match/compile.ts';
import { compileProjection } from './project.ts';
import { parseSort, sortDocuments } from './sort.ts';
import { Doc } from './value.ts';

const EMPTY = new Doc();

export interface FindQuery {
  readonly filter: Doc;
  readonly sort?: Doc | undefined;
  readonly skip?: number | undefined;
  readonly limit?: number | undefined;
  readonly projection?: Doc | undefined;
}

const notNegative = (name: string, value: number): number => {
  if (value < 0) throw badValue(`${name} value must be non-negative, but received: ${value}`);
  return value;
};

/** A whole `find` over documents in memory: the reference a store with indexes has to equal. */
export function find(documents: Iterable<Doc>, query: FindQuery, options: MatchOptions = {}): Doc[] {
  const skip = notNegative('Skip', query.skip ?? 0);
  const limit = notNegative('Limit', query.limit ?? 0);
  const { matches } = compileFilter(query.filter, options);
  const sort = query.sort && query.sort.size > 0 ? parseSort(query.sort) : undefined;
  const project = compileProjection(query.projection ?? EMPTY, { ...options, find: true });
  const found = [...documents].filter((document) => matches(document));
  const sorted = sort ? sortDocuments(found, sort) : found;
  return sorted.slice(skip, limit > 0 ? skip + limit : undefined).map(project);
}
