import { Doc, typeName, type Value } from '../semantics/index.ts';
import type { Cursor } from './cursor.ts';
import type { ScanReport } from './types.ts';

/** A scan of fewer documents takes about as long as a query by index. */
const LONG_SCAN = 1_000;
/** Reading this many for one that is returned is a search; less is a listing. */
const SEARCH_RATIO = 10;

function shape(value: Value): string {
  if (Array.isArray(value)) return `[${[...new Set(value.map(shape))].join(', ')}]`;
  if (!(value instanceof Doc)) return typeName(value);
  return `{${[...value].map(([name, inner]) => `${name}: ${shape(inner)}`).join(', ')}}`;
}

/** What to warn of in development, if anything: no index was used, or one that left much to be sorted for a few. */
export function scanReport(ns: string, filter: Doc, cursor: Cursor): ScanReport | undefined {
  const { documentsExamined: examined, returned, plan } = cursor;
  if (plan.access.kind !== 'collection' && plan.sort.length === 0) return undefined;
  if (examined <= LONG_SCAN || examined < returned * SEARCH_RATIO) return undefined;
  return { ns, filterShape: shape(filter), examined, returned };
}
