import { failedToParse } from '../semantics/errors.ts';
import { compileFilter, type Filter } from '../semantics/match/compile.ts';
import type { MatchDetails } from '../semantics/match/clause.ts';
import { compileUpdate, type ApplyOptions, type Update } from '../semantics/update/compile.ts';
import { documentOfQuery } from '../semantics/update/upsert.ts';
import { Doc, type BsonDate, type Value } from '../semantics/value.ts';
import type { Selection, StoredRecord, Tx } from '../storage/types.ts';
import { checkUpdated, toUpsert, withServerTime } from './stored.ts';

/** An update together with what it is asked of. */
export interface Change {
  readonly ns: string;
  readonly query: Doc;
  readonly update: Update;
  readonly selection: Selection;
  readonly now: BsonDate;
  /** Only an update with `$` in a path needs to know which element the query met. */
  readonly filter: Filter | undefined;
}

interface ChangeSpec {
  readonly ns: string;
  readonly query: Doc;
  readonly update: Value | undefined;
  readonly arrayFilters: readonly Value[] | undefined;
  readonly selection: Omit<Selection, 'filter' | 'now'>;
  readonly now: BsonDate;
}

const isPositional = (update: Value | undefined): boolean =>
  update instanceof Doc &&
  [...update.values()].some(
    (fields) => fields instanceof Doc && [...fields.keys()].some((path) => /\.\$(\.|$)/.test(path)),
  );

export function changeOf({ ns, query, update, arrayFilters, selection, now }: ChangeSpec): Change {
  if (update === undefined) throw failedToParse('Update argument must be either an object or an array');
  return {
    ns,
    query,
    update: compileUpdate(update, arrayFilters ?? []),
    selection: { ...selection, filter: query, now },
    now,
    filter: isPositional(update) ? compileFilter(query, { now }) : undefined,
  };
}

function applyOptions({ filter, now }: Change, record: StoredRecord): ApplyOptions {
  if (!filter) return { now };
  const details: MatchDetails = {};
  filter.matches(record.doc, details);
  return details.index === undefined ? { now } : { now, matchedIndex: details.index };
}

export interface Changed {
  readonly before: Doc;
  readonly after: Doc;
  readonly modified: boolean;
}

export function changeRecord(tx: Tx, change: Change, record: StoredRecord): Changed {
  const applied = change.update.apply(record.doc, applyOptions(change, record));
  if (!applied.modified) return { before: record.doc, after: record.doc, modified: false };
  const filled = change.update.replacement ? withServerTime(applied.document) : applied.document;
  const after = checkUpdated(filled);
  tx.replace(change.ns, record, after);
  return { before: record.doc, after, modified: true };
}

/** The first match in order; also of what is not there the query is checked. */
export function firstOf(tx: Tx, ns: string, selection: Selection): StoredRecord | undefined {
  if (!tx.collection(ns)) compileFilter(selection.filter, selection.now ? { now: selection.now } : {});
  for (const record of tx.candidates(ns, { ...selection, limit: 1 })) return record;
  return undefined;
}

/**
 * Inserts what the query and the update say. Writes run one after the other, so nobody can have inserted the same
 * between the look and this: a duplicate key is a true conflict and is not tried again.
 */
export function upsert(tx: Tx, change: Change): Doc {
  const base = documentOfQuery(change.query, change.update.replacement);
  const made = toUpsert(change.update.apply(base, { now: change.now, inserting: true }).document);
  tx.insert(change.ns, made);
  return made;
}
