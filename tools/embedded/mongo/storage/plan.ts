import { MongoError, parseSort, type Bound, Doc, type SortPart, type Value } from '../semantics/index.ts';
import { boundsOf } from '../semantics/match/bounds.ts';
import { equals } from '../semantics/index.ts';
import { implies } from './implies.ts';
import { boundsFor, type Bounds } from './intervals.ts';
import type { CollectionDefinition, IndexDefinition, Selection } from './types.ts';

export interface IndexScan {
  readonly kind: 'index';
  readonly index: IndexDefinition;
  readonly bounds: Bounds;
  readonly reverse: boolean;
}

interface CollectionScan {
  readonly kind: 'collection';
  readonly reverse: boolean;
}

/** Several index scans, each document once. */
interface UnionScan {
  readonly kind: 'union';
  readonly scans: readonly IndexScan[];
}

export type Access = IndexScan | CollectionScan | UnionScan;

export interface Plan {
  readonly access: Access;
  /** What is left to sort after the access; empty when it comes in order. */
  readonly sort: readonly SortPart[];
}

/** Counts the keys of a scan, but not further than a small number: enough to see which index is the better one. */
export type Estimate = (scan: IndexScan) => number;

interface Ordered {
  readonly sorted: boolean;
  readonly reverse: boolean;
}

const UNORDERED: Ordered = { sorted: false, reverse: false };

/** Whether walking the index gives the order asked for; fields held to one value may stand anywhere. */
function orderOf({ parts, multikey }: IndexDefinition, bounds: Bounds, sort: readonly SortPart[]): Ordered {
  const pathOf = (part: SortPart): string => part.path.join('.');
  const place = new Map(parts.map(({ path }, at) => [path, at] as const));
  if (multikey.includes(true) && bounds.bounded > 0) {
    // Limits may leave out the element that decides on a document's place.
    if (sort.some((part) => multikey[place.get(pathOf(part)) ?? -1] !== false)) return UNORDERED;
  }
  const open = sort.filter((part) => bounds.constant[place.get(pathOf(part)) ?? -1] !== true);
  let reverse: boolean | undefined;
  let met = 0;
  for (const [at, { path, direction }] of parts.entries()) {
    const wanted = open[met];
    if (!wanted) break;
    if (pathOf(wanted) !== path) {
      if (bounds.constant[at]) continue;
      return UNORDERED;
    }
    const backwards = wanted.direction !== direction;
    if (backwards !== (reverse ?? backwards)) return UNORDERED;
    reverse = backwards;
    met += 1;
  }
  return met === open.length ? { sorted: true, reverse: reverse ?? false } : UNORDERED;
}

interface Option {
  readonly scan: IndexScan;
  readonly sorted: boolean;
}

interface Wish {
  readonly filter: Doc;
  readonly limits: ReadonlyMap<string, Bound>;
  readonly sort: readonly SortPart[];
}

function optionOf(index: IndexDefinition, { filter, limits, sort }: Wish, forced: boolean): Option | undefined {
  if (!index.ready) return undefined;
  if (index.partial && !implies(filter, index.partial)) return undefined;
  const bounds = boundsFor(index, limits);
  if (index.sparse && !bounds.needsField && !forced) return undefined;
  const { sorted, reverse } = sort.length > 0 ? orderOf(index, bounds, sort) : UNORDERED;
  if (bounds.bounded === 0 && !sorted && !forced) return undefined;
  return { scan: { kind: 'index', index, bounds, reverse }, sorted };
}

const isPoint = ({ scan: { index, bounds } }: Option): boolean =>
  index.unique && bounds.points === index.parts.length && bounds.intervals.length === 1;

const rank = ({ scan: { bounds }, sorted }: Option): number =>
  bounds.points * 2 + (bounds.bounded > bounds.points ? 1 : 0) + (sorted ? 3 : 0);

/** Few keys beat everything; among indexes with many, the one that sorts and limits the most. */
function best(options: readonly Option[], estimate: Estimate, few: number): Option | undefined {
  const point = options.find(isPoint);
  if (point || options.length < 2) return point ?? options[0];
  const counted = options.map((option) => {
    const keys = option.scan.bounds.bounded > 0 ? estimate(option.scan) : few;
    return { option, keys: Math.min(keys, few) };
  });
  counted.sort((a, b) => a.keys - b.keys || rank(b.option) - rank(a.option));
  return counted[0]!.option;
}

/** From this many keys on, two indexes count as equally long. */
export const MANY_KEYS = 128;

function hinted(collection: CollectionDefinition, hint: Value): IndexDefinition {
  const found = collection.indexes.find(({ name, spec }) =>
    typeof hint === 'string' ? name === hint : hint instanceof Doc && equals(spec.get('key')!, hint),
  );
  if (found?.ready) return found;
  throw new MongoError(
    2,
    'error processing query: planner returned error :: caused by :: hint provided does not correspond to an existing index',
  );
}

function forcedPlan(collection: CollectionDefinition, hint: Value, wish: Wish): Plan {
  const natural = hint instanceof Doc ? hint.get('$natural') : undefined;
  if (natural !== undefined) {
    const reverse = equals(natural, -1);
    if (!reverse && !equals(natural, 1))
      throw new MongoError(2, '$natural cannot be set to a value other than -1 or 1.');
    return { access: { kind: 'collection', reverse }, sort: wish.sort };
  }
  const option = optionOf(hinted(collection, hint), wish, true);
  if (!option) throw new MongoError(2, 'the partial index named by hint does not hold all that the query asks for');
  return { access: option.scan, sort: option.sorted ? [] : wish.sort };
}

/** The branches of the first `$or` every match has to meet, each joined with the rest of the filter. */
function branchesOf(filter: Doc): Doc[] | undefined {
  const either = filter.get('$or');
  if (Array.isArray(either)) {
    const rest = new Doc([...filter].filter(([name]) => name !== '$or'));
    return either.map((branch) => new Doc([['$and', [branch, rest]]]));
  }
  const all = filter.get('$and');
  if (!Array.isArray(all)) return undefined;
  const nested = all.find((part): part is Doc => part instanceof Doc && Array.isArray(part.get('$or')));
  return (
    nested && branchesOf(nested)?.map((branch) => new Doc([['$and', [branch, ...all.filter((one) => one !== nested)]]]))
  );
}

function union(collection: CollectionDefinition, filter: Doc, estimate: Estimate): UnionScan | undefined {
  const scans: IndexScan[] = [];
  for (const branch of branchesOf(filter) ?? []) {
    const wish = { filter: branch, limits: boundsOf(branch), sort: [] };
    const options = collection.indexes.flatMap((index) => optionOf(index, wish, false) ?? []);
    const chosen = best(options, estimate, MANY_KEYS);
    if (!chosen) return undefined;
    scans.push(chosen.scan);
  }
  return scans.length > 0 ? { kind: 'union', scans } : undefined;
}

/** Chooses how to find the documents. Whatever is chosen, the filter is asked of every document again. */
export function planFor(collection: CollectionDefinition, selection: Selection, estimate: Estimate): Plan {
  const { filter } = selection;
  const sort = selection.sort && selection.sort.size > 0 ? parseSort(selection.sort) : [];
  const wish = { filter, limits: boundsOf(filter), sort };
  if (selection.hint !== undefined) return forcedPlan(collection, selection.hint, wish);
  const options = collection.indexes.flatMap((index) => optionOf(index, wish, false) ?? []);
  const chosen = best(options, estimate, MANY_KEYS);
  if (chosen && chosen.scan.bounds.bounded > 0) return { access: chosen.scan, sort: chosen.sorted ? [] : sort };
  const either = union(collection, filter, estimate);
  if (either) return { access: either, sort };
  if (chosen) return { access: chosen.scan, sort: chosen.sorted ? [] : sort };
  return { access: { kind: 'collection', reverse: false }, sort };
}
