import type { CallMove, NewEntry } from '@flowmate/domain';
import type { ModelRequest } from '@flowmate/llm';
import type { Leaving } from './run-session.js';

/** What is done once the entries are committed. Nothing else of a run leaves the process. */
export type Effect =
  | { readonly kind: 'model'; readonly step: number; readonly request: ModelRequest; readonly delayMs: number }
  | { readonly kind: 'calls'; readonly step: number; readonly calls: readonly CallMove[]; readonly delayMs: number };

/** What a worker appends next and does then. Without an effect the run leaves the worker. */
export interface Plan {
  readonly entries: readonly NewEntry[];
  readonly effect: Effect | null;
  readonly leaving: Leaving;
  /** The run stays as it is and nobody's: it is looked at again then, by the clock of the store. */
  readonly lookAt?: number;
}
