import { BsonDate, Doc, type Missing, type Value } from '../value.ts';

/** What an update knows about the moment and the document it changes. */
export interface UpdateContext {
  readonly now: BsonDate;
  readonly inserting: boolean;
  /** For `$`: the place of the array element the query met. */
  readonly matchedIndex: number | undefined;
  readonly filters: ReadonlyMap<string, (element: Value) => boolean>;
  readonly original: Doc;
}

/** The new value of a field; `KEEP` leaves it as it is (missing stays missing), `REMOVE` takes it out. */
export const KEEP = Symbol('keep');
export const REMOVE = Symbol('remove');
export type Outcome = Value | typeof KEEP | typeof REMOVE;

export interface Operation {
  /** Whether a missing field is made; otherwise nothing happens to it. */
  readonly creates: boolean;
  /** Whether a path blocked by a plain value is passed over (`$unset`) instead of being an error. */
  readonly lenient?: boolean;
  readonly apply: (value: Value | Missing, context: UpdateContext, path: string) => Outcome;
  /** A plain `$push`: what comes to the end of an array, for which nobody has to look into it. */
  readonly appends?: readonly Value[];
  /** `$rename`: the field whose value moves here. */
  readonly source?: readonly string[];
}
