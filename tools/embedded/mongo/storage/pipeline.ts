import { Doc, type Value } from '../semantics/index.ts';
import { integral } from '../semantics/number.ts';
import type { Selection } from './types.ts';

export interface SplitPipeline {
  readonly selection: Pick<Selection, 'filter' | 'sort' | 'skip' | 'limit'>;
  readonly rest: readonly Value[];
}

const stageOf = (stage: Value | undefined, name: string): Value | undefined =>
  stage instanceof Doc ? stage.get(name) : undefined;

/** What the leading stages ask for in terms of a find, and what is left. The stages were checked before. */
export function splitPipeline(pipeline: readonly Value[]): SplitPipeline {
  const filters: Doc[] = [];
  let at = 0;
  const next = (name: string): Value | undefined => {
    const spec = stageOf(pipeline[at], name);
    if (spec !== undefined) at += 1;
    return spec;
  };
  const matches = (): void => {
    for (let spec = next('$match'); spec instanceof Doc; spec = next('$match')) if (spec.size > 0) filters.push(spec);
  };
  matches();
  const sort = next('$sort');
  // Sorting first changes nothing for a filter.
  matches();
  const skip = next('$skip');
  const limit = next('$limit');
  const filter = filters.length > 1 ? new Doc([['$and', filters]]) : (filters[0] ?? new Doc());
  return {
    selection: {
      filter,
      sort: sort instanceof Doc ? sort : undefined,
      skip: Number(integral(skip) ?? 0),
      limit: Number(integral(limit) ?? 0),
    },
    rest: pipeline.slice(at),
  };
}

const readsField = (value: Value): boolean => {
  if (typeof value === 'string') return value.startsWith('$');
  return (Array.isArray(value) || value instanceof Doc) && [...value.values()].some(readsField);
};

/** Whether a stage only counts the documents it is given, as `countDocuments` does. */
export function onlyCounts(stage: Value | undefined): boolean {
  if (stageOf(stage, '$count') !== undefined) return true;
  const group = stageOf(stage, '$group');
  return group !== undefined && !readsField(group);
}
