import { Injectable } from '@nestjs/common';
import { RunEnv } from '@flowmate/config';
import { RunReader, RunWatch } from '@flowmate/database';
import { TIER_LIMITS, type Principal } from '@flowmate/domain';
import { RecentCounts } from './recent-counts.js';
import { BacklogFullError, RunQueueFullError, RunsPerDayError } from './runs.errors.js';

/** A small overshoot is nobody's harm, and counting for every run would be. */
const COUNT_MS = 1_000;
/** Before a run is held back it is looked again, but not for each of a flood. */
const RECOUNT_MS = 100;
const DAY_COUNT_MS = 10_000;
const INSTANCE_COUNT_MS = 5_000;
/** Nobody needs to know more exactly how far behind a workspace is. */
const COUNTED_AT_MOST = 1_000;
const DAY_MS = 86_400_000;
const INSTANCE = 'instance';

export interface Admission {
  /** Whether a worker is told at once; otherwise the run waits until its workspace has room. */
  readonly isRung: boolean;
  /** Its place among the waiting runs of its workspace, from 1; 0 when it does not have to wait. */
  readonly position: number;
  /** How many runs its workspace has on the way: who has few comes first. */
  readonly inFlight: number;
}

/** Whether there is room for another run, and whether it can begin at once. */
@Injectable()
export class RunLoad {
  private readonly inFlight: RecentCounts;
  private readonly queued: RecentCounts;
  private readonly today: RecentCounts;
  private readonly instance: RecentCounts;

  constructor(
    watch: RunWatch,
    private readonly reader: RunReader,
    private readonly settings: RunEnv,
  ) {
    this.inFlight = new RecentCounts(COUNT_MS, (id, max) => watch.inFlight(id, max));
    this.queued = new RecentCounts(COUNT_MS, (id, max) => watch.queued(id, max));
    this.today = new RecentCounts(DAY_COUNT_MS, (id, max) => this.startedToday(id, max));
    this.instance = new RecentCounts(INSTANCE_COUNT_MS, (_, max) => watch.backlog(max));
  }

  /** Throws where there is no room. */
  async admit({ workspaceId, tier }: Principal): Promise<Admission> {
    const { runsAtOnce, backlog, runsPerDay } = TIER_LIMITS[tier];
    const { backlogMax } = this.settings;
    if ((await this.instance.get(INSTANCE, backlogMax)) >= backlogMax) throw new BacklogFullError();
    if (runsPerDay !== null && (await this.today.get(workspaceId, runsPerDay)) >= runsPerDay)
      throw new RunsPerDayError(DAY_MS - (Date.now() % DAY_MS));
    if (backlog !== null && (await this.queued.get(workspaceId, backlog, RECOUNT_MS)) >= backlog)
      throw new RunQueueFullError();
    // Where nothing is held back, nothing has to be exact.
    const recountMs = runsAtOnce === null ? COUNT_MS : RECOUNT_MS;
    const inFlight = await this.inFlight.get(workspaceId, runsAtOnce ?? COUNTED_AT_MOST, recountMs);
    if (runsAtOnce === null || inFlight < runsAtOnce) return { isRung: true, position: 0, inFlight };
    const waiting = await this.queued.get(workspaceId, backlog ?? COUNTED_AT_MOST);
    return { isRung: false, position: waiting + 1, inFlight };
  }

  /** What has just been stored counts at once. */
  started({ workspaceId }: Pick<Principal, 'workspaceId'>, { isRung }: Admission): void {
    if (isRung) this.inFlight.add(workspaceId);
    this.queued.add(workspaceId);
    this.today.add(workspaceId);
    this.instance.add(INSTANCE);
  }

  private startedToday(workspaceId: string, max: number): Promise<number> {
    const now = Date.now();
    return this.reader.startedSince({ workspaceId }, new Date(now - (now % DAY_MS)), max);
  }
}
