import type { DuePlace, RunWatch, WorkerRepository } from '@flowmate/database';
import type { Logger } from '@flowmate/observability';
import type { Duty } from '../duties/duty.js';
import type { Ringable, RunRinger } from './run-ringer.js';
import type { WorkerLease } from './worker-lease.js';

export interface ReconcilerParts {
  readonly watch: RunWatch;
  readonly workers: WorkerRepository;
  readonly bells: RunRinger;
  readonly lease: WorkerLease;
  readonly everyMs: number;
  readonly goneMs: number;
  readonly logger: Logger;
  /** Told of the runs that the store says are this worker's. */
  readonly lookAfter: (runIds: readonly string[]) => void;
}

/** One question to the store. */
const PAGE = 1_000;
/** Bells that are on their way to Redis at once: enough to fill a pipeline. */
const AT_ONCE = 100;
/** Several pages over a slow link. */
const DEADLINE_MS = 60_000;
/** A bell that was rung this short a while ago is still on its way. */
const GRACE_MS = 2_000;
/** What a worker has is known to itself; that it is wrong about it is rare, and the question reads every one of them. */
const OWN_EVERY_MS = 30_000;

/**
 * Rings for everything that somebody must look at: what is due, what lost workers had, and what may begin. Every worker
 * does it, and doing it twice rings the same bells.
 */
export class Reconciler {
  private lookedAfterAt = Number.NEGATIVE_INFINITY;

  constructor(private readonly parts: ReconcilerParts) {}

  get duty(): Duty {
    const { everyMs } = this.parts;
    return { name: 'reconcile', everyMs, deadlineMs: DEADLINE_MS, run: (signal) => this.run(signal) };
  }

  async run(signal: AbortSignal): Promise<void> {
    const { lease } = this.parts;
    if (!lease.isGood) return;
    if (!(await this.parts.watch.isAnyOpen())) return;
    await this.judge();
    const lost = await this.ringLost(signal);
    const due = await this.ringDue(signal);
    const begun = await this.fillSlots(signal);
    if (lost + due + begun > 0) this.parts.logger.debug('rang for runs', { count: lost + due + begun });
  }

  /** Silence says something only while somebody was heard: it may be that nobody could be. */
  private async judge(): Promise<void> {
    const { lease, goneMs, workers, logger } = this.parts;
    if (lease.heardForMs < goneMs) return;
    const count = await workers.judge(new Date(lease.storeNow() - goneMs));
    if (count > 0) logger.warn('workers were lost; others take over their runs', { count });
  }

  private async ringLost(signal: AbortSignal): Promise<number> {
    const { watch, workers } = this.parts;
    const owners: string[] = [];
    for (let owner: string | null = ''; owner !== null && !signal.aborted;) {
      // oxlint-disable-next-line no-await-in-loop -- each leads to the next
      owner = await watch.ownerAfter(owner);
      if (owner !== null) owners.push(owner);
    }
    if (owners.includes(this.parts.lease.id)) await this.lookAfterOwn();
    const alive = await workers.alive(owners);
    let rung = 0;
    for (const owner of owners.filter((one) => !alive.has(one))) {
      // oxlint-disable-next-line no-await-in-loop -- one worker after the other, each a page of bells
      rung += await this.ringAll(await watch.ownedBy(owner, MAX_OF_WORKER));
    }
    return rung;
  }

  /** Others leave alone what a live worker has, so that it has to look itself whether it knows of all of it. */
  private async lookAfterOwn(): Promise<void> {
    const { watch, lease, lookAfter } = this.parts;
    if (performance.now() - this.lookedAfterAt < OWN_EVERY_MS) return;
    this.lookedAfterAt = performance.now();
    lookAfter((await watch.ownedBy(lease.id, MAX_OF_WORKER)).map(({ id }) => id));
  }

  private async ringDue(signal: AbortSignal): Promise<number> {
    const { watch, lease } = this.parts;
    const now = new Date(lease.storeNow() - GRACE_MS);
    let rung = 0;
    for (let place: DuePlace | null = null; !signal.aborted;) {
      // oxlint-disable-next-line no-await-in-loop -- page by page, until one is not full
      const page = await watch.due(now, place, PAGE);
      // oxlint-disable-next-line no-await-in-loop -- see above
      rung += await this.ringAll(page);
      const last = page.at(-1);
      if (!last || page.length < PAGE) break;
      place = nextPlace(place, page, last.wakeAt);
    }
    return rung;
  }

  private async fillSlots(signal: AbortSignal): Promise<number> {
    const { watch, bells } = this.parts;
    let begun = 0;
    for (let workspaceId: string | null = ''; !signal.aborted;) {
      // oxlint-disable-next-line no-await-in-loop -- each leads to the next
      workspaceId = await watch.heldWorkspaceAfter(workspaceId);
      if (workspaceId === null) break;
      // oxlint-disable-next-line no-await-in-loop -- one workspace after the other
      begun += await bells.fill(workspaceId, PAGE);
    }
    return begun;
  }

  private async ringAll(runs: readonly Ringable[]): Promise<number> {
    for (let from = 0; from < runs.length; from += AT_ONCE) {
      // oxlint-disable-next-line no-await-in-loop -- a bounded number at once
      await Promise.all(runs.slice(from, from + AT_ONCE).map((run) => this.parts.bells.ring(run)));
    }
    return runs.length;
  }
}

/** More than a worker can have. */
const MAX_OF_WORKER = 20_000;

function nextPlace(before: DuePlace | null, page: ReadonlyArray<{ id: string; wakeAt: Date }>, wakeAt: Date): DuePlace {
  const same = page.filter((run) => run.wakeAt.getTime() === wakeAt.getTime()).map(({ id }) => id);
  const isSameStill = before?.wakeAt.getTime() === wakeAt.getTime();
  return { wakeAt, ids: isSameStill ? [...before.ids, ...same] : same };
}
