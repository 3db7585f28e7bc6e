import type { RunToRing, RunWatch } from '@flowmate/database';
import { RUN_JOB, type JobProducer } from '@flowmate/queue';

/** What a bell needs to know. */
export type Ringable = Pick<RunToRing, 'id' | 'seq' | 'workspaceId'>;

export interface RunRingerParts {
  readonly watch: RunWatch;
  readonly producer: Pick<JobProducer, 'add'>;
  /** How many runs a workspace may have at once; `null`: any number. */
  readonly slotsOf: (workspaceId: string) => Promise<number | null>;
}

/** Nobody needs to know how many exactly. */
const COUNT_LIMIT = 1_000;
/** A count this old is good enough to be fair by. */
const FRESH_MS = 1_000;
/** Enough to fill a pipeline; the places that are left are for the next look. */
const AT_ONCE = 100;
/** BullMQ takes no more than 2^21. */
const LOWEST_PRIORITY = 1_000;

interface Known {
  readonly at: number;
  readonly value: Promise<number>;
}

/** Rings for runs: those of busy workspaces after those of idle ones, and never more than a workspace may have at once. */
export class RunRinger {
  private readonly counts = new Map<string, Known>();
  /** Workspaces whose free places are being filled, and whether more became free meanwhile. */
  private readonly filling = new Map<string, boolean>();
  /** Workspaces in which nothing was held back a moment ago. */
  private readonly noneHeld = new Map<string, number>();

  constructor(private readonly parts: RunRingerParts) {}

  /** The id names the place in the journal: rung twice it is one bell, and a later one is never swallowed. */
  async ring(run: Ringable): Promise<void> {
    const inFlight = await this.inFlight(run.workspaceId);
    const priority = inFlight === 0 ? undefined : Math.min(inFlight, LOWEST_PRIORITY);
    await this.parts.producer.add(RUN_JOB, {
      id: `${run.id}-${run.seq}`,
      payload: { runId: run.id },
      ...(priority !== undefined && { priority }),
    });
  }

  /** A run of this workspace has left: those that wait longest are rung. Failures are left to the reconciler. */
  async freed(workspaceId: string): Promise<void> {
    if (performance.now() - (this.noneHeld.get(workspaceId) ?? Number.NEGATIVE_INFINITY) < FRESH_MS) return;
    // One look for all places that become free while it is under way, and then another one.
    const isFilling = this.filling.has(workspaceId);
    this.filling.set(workspaceId, isFilling);
    if (isFilling) return;
    try {
      do {
        this.filling.set(workspaceId, false);
        // oxlint-disable-next-line no-await-in-loop -- one look after the other
        await this.fill(workspaceId, AT_ONCE);
      } while (this.filling.get(workspaceId));
    } finally {
      this.filling.delete(workspaceId);
    }
  }

  /** Rings for as many as there is room for, whoever made it; answers how many that were. */
  async fill(workspaceId: string, atMost: number): Promise<number> {
    const slots = await this.parts.slotsOf(workspaceId);
    // A workspace that is gone; its runs are cancelled by others.
    if (slots === 0) return 0;
    const inFlight = slots === null ? 0 : await this.parts.watch.inFlight(workspaceId, slots);
    const room = Math.min(atMost, slots === null ? atMost : slots - inFlight);
    if (room <= 0) return 0;
    const held = await this.parts.watch.nextHeld(workspaceId, room);
    if (held.length === 0) this.remember(this.noneHeld, workspaceId, performance.now());
    const marked = await Promise.all(held.map(async (run) => ((await this.parts.watch.markRung(run)) ? [run] : [])));
    await Promise.all(marked.flat().map((run) => this.ring(run)));
    return marked.flat().length;
  }

  private inFlight(workspaceId: string): Promise<number> {
    const known = this.counts.get(workspaceId);
    if (known && performance.now() - known.at < FRESH_MS) return known.value;
    const value = this.parts.watch.inFlight(workspaceId, COUNT_LIMIT);
    value.catch(() => this.counts.delete(workspaceId));
    this.remember(this.counts, workspaceId, { at: performance.now(), value });
    return value;
  }

  /** What is old is of no use: it all goes at once, now and then. */
  private remember<T>(map: Map<string, T>, key: string, value: T): void {
    if (map.size > MAX_KNOWN) map.clear();
    map.set(key, value);
  }
}

/** Workspaces that are at work within the same second. */
const MAX_KNOWN = 10_000;
