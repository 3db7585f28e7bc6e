import { Doc, Int32, type Value } from '../semantics/index.ts';
import type { Cursor } from './cursor.ts';
import type { Access, IndexScan, Plan } from './plan.ts';
import type { Query } from './types.ts';

/** How each field is limited; the exact limits are bytes nobody can read. */
function boundsOf({ index, bounds }: IndexScan): Doc {
  return new Doc(
    index.parts.map(({ path }, at) => {
      const limited = at < bounds.points ? 'points' : at < bounds.bounded ? 'range' : '[MinKey, MaxKey]';
      return [path, [limited]] as const;
    }),
  );
}

const fetch = (input: Doc): Doc => Doc.of({ stage: 'FETCH', inputStage: input });

function indexStage(scan: IndexScan): Doc {
  const { index, bounds, reverse } = scan;
  return fetch(
    Doc.of({
      stage: 'IXSCAN',
      keyPattern: index.spec.get('key')!,
      indexName: index.name,
      isMultiKey: index.multikey.includes(true),
      isUnique: index.unique,
      isSparse: index.sparse,
      isPartial: index.partial !== undefined,
      direction: reverse ? 'backward' : 'forward',
      indexBounds: boundsOf(scan),
      intervals: new Int32(bounds.intervals.length),
    }),
  );
}

function accessStage(access: Access): Doc {
  if (access.kind === 'collection')
    return Doc.of({ stage: 'COLLSCAN', direction: access.reverse ? 'backward' : 'forward' });
  if (access.kind === 'index') return indexStage(access);
  return Doc.of({ stage: 'OR', inputStages: access.scans.map(indexStage) });
}

function winningPlan({ access, sort }: Plan, { skip = 0, limit = 0 }: Query): Doc {
  let plan = accessStage(access);
  if (sort.length > 0) {
    const pattern = new Doc(sort.map(({ path, direction }) => [path.join('.'), new Int32(direction)] as const));
    plan = Doc.of({ stage: 'SORT', sortPattern: pattern, inputStage: plan });
  }
  if (skip > 0) plan = Doc.of({ stage: 'SKIP', skipAmount: new Int32(skip), inputStage: plan });
  return limit > 0 ? Doc.of({ stage: 'LIMIT', limitAmount: new Int32(limit), inputStage: plan }) : plan;
}

/** What `explain` answers of a query; `cursor` is missing when the collection is, and was read to its end when `run`. */
export function explanation(query: Query, cursor: Cursor | undefined, run: boolean): Doc {
  const planner: Array<[string, Value]> = [
    ['namespace', query.ns],
    ['parsedQuery', query.filter],
    ['winningPlan', cursor ? winningPlan(cursor.plan, query) : Doc.of({ stage: 'EOF' })],
    ['rejectedPlans', []],
  ];
  const found = Doc.of({ queryPlanner: new Doc(planner) });
  if (!run) return found;
  return found.set(
    'executionStats',
    Doc.of({
      executionSuccess: true,
      nReturned: new Int32(cursor?.returned ?? 0),
      totalKeysExamined: new Int32(cursor?.keysExamined ?? 0),
      totalDocsExamined: new Int32(cursor?.documentsExamined ?? 0),
    }),
  );
}
