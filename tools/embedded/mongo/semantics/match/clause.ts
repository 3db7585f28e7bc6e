import { visitPath } from '../path.ts';
import type { Doc, Missing, Value } from '../value.ts';

/** What a match tells the positional operators: the place in the outermost array where the query was met. */
export interface MatchDetails {
  index?: number;
}

export type Test = (value: Value | Missing, details?: MatchDetails) => boolean;

/** One condition, to be asked of a path in a document or (inside `$elemMatch`) of a single value. */
export interface Clause {
  at(doc: Doc, parts: readonly string[], details?: MatchDetails): boolean;
  on(value: Value | Missing): boolean;
}

/** True when any value of the path passes; `expand` lets an array at the end stand for its elements too. */
export const anyValue = (test: Test, expand = true): Clause => ({
  at: (doc, parts, details) =>
    visitPath(doc, parts, expand, (value, index) => {
      const inner: MatchDetails = {};
      if (!test(value, inner)) return false;
      const place = index ?? inner.index;
      if (details && place !== undefined) details.index = place;
      return true;
    }),
  on: (value) => test(value),
});

export const every = (clauses: readonly Clause[]): Clause => ({
  at: (doc, parts, details) => clauses.every((clause) => clause.at(doc, parts, details)),
  on: (value) => clauses.every((clause) => clause.on(value)),
});

/** A negation tells no position: nothing was met. */
export const not = (clause: Clause): Clause => ({
  at: (doc, parts) => !clause.at(doc, parts),
  on: (value) => !clause.on(value),
});

export const NEVER: Clause = { at: () => false, on: () => false };
