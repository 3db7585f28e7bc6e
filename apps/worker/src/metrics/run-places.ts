import type { RunWatch } from '@flowmate/database';
import type { Metrics } from '@flowmate/observability';
import type { Duty } from '../duties/duty.js';

export interface RunPlacesParts {
  readonly watch: Pick<RunWatch, 'places'>;
  readonly storeNow: () => number;
  readonly metrics: Metrics;
}

/** Four times a minute is often enough for a graph. */
const EVERY_MS = 15_000;
const DEADLINE_MS = 5_000;
/** A backlog of that size is told by its age; counting costs a few milliseconds up to here. */
const COUNT_LIMIT = 10_000;

type Found = Awaited<ReturnType<RunWatch['places']>>;

/** Where all open runs are, and how late the oldest is. Each worker says the same: the record is one. */
export class RunPlaces {
  readonly duty: Duty = {
    name: 'run-places',
    everyMs: EVERY_MS,
    deadlineMs: DEADLINE_MS,
    run: () => this.read(),
  };
  private found: Found | undefined;

  constructor(private readonly parts: RunPlacesParts) {
    const { metrics } = parts;
    metrics.gauges(
      {
        name: 'flowmate_runs_open',
        help: `Open runs of the instance by their state, at most ${COUNT_LIMIT} of each; the same in every worker.`,
        labels: ['state'],
      },
      () => this.counts(),
    );
    metrics.gauges(
      {
        name: 'flowmate_runs_oldest_seconds',
        help: 'For how long the oldest run of a state is in it; the same in every worker.',
        labels: ['state'],
      },
      () => (this.found ? [[['due'], this.found.oldestDueMs / 1_000]] : []),
    );
  }

  /** What cannot be read is not shown: an old figure would look like runs that stand still. */
  private async read(): Promise<void> {
    const { watch, storeNow } = this.parts;
    try {
      this.found = await watch.places(new Date(storeNow()), COUNT_LIMIT);
    } catch (error) {
      this.found = undefined;
      throw error;
    }
  }

  private counts(): Array<[string[], number]> {
    if (!this.found) return [];
    const { running, due, later, held } = this.found;
    return Object.entries({ running, due, later, held }).map(([state, count]) => [[state], count]);
  }
}
