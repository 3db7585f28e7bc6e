import type { Run } from '@flowmate/domain';

/** Kept free for workspaces that have nothing running here. */
const RESERVED_SHARE = 0.1;
/** More bells than that are left to the reconciler. */
const MAX_POSTPONED = 1_000;
/** Of runs that were not looked at yet. */
const UNKNOWN = '';

/** Heard, and as it was read then, if it was. What it says may be old: the claim tells. */
export interface Postponed {
  readonly runId: string;
  readonly run: Run | undefined;
}

/** A run that waits is kept if it is small; a larger one is read again. */
const MAX_KEPT_BYTES = 16_384;

/** The places of one worker. A busy workspace does not get the last of them. */
export class Slots {
  private readonly ofWorkspace = new Map<string, number>();
  /** By workspace, as far as that was known. */
  private readonly postponed = new Map<string, Map<string, Postponed>>();
  private postponedCount = 0;
  private taken = 0;

  constructor(private readonly count: number) {}

  get hasAny(): boolean {
    return this.taken < this.count;
  }

  admits(workspaceId: string): boolean {
    const isReserved = this.taken >= this.count - this.reserved;
    return this.hasAny && (!isReserved || !this.ofWorkspace.has(workspaceId));
  }

  take(workspaceId: string): void {
    this.taken += 1;
    this.ofWorkspace.set(workspaceId, (this.ofWorkspace.get(workspaceId) ?? 0) + 1);
  }

  /** Heard, but there was no place for it: it is begun as soon as there is one, here or by whoever is rung next. */
  postpone(runId: string, run?: Run): void {
    const workspaceId = run?.workspaceId ?? UNKNOWN;
    const runs = this.postponed.get(workspaceId) ?? new Map<string, Postponed>();
    if (this.postponedCount >= MAX_POSTPONED || runs.has(runId)) return;
    const kept = run && run.bytes <= MAX_KEPT_BYTES ? run : undefined;
    this.postponed.set(workspaceId, runs.set(runId, { runId, run: kept }));
    this.postponedCount += 1;
  }

  giveBack(workspaceId: string, begin: (next: Postponed) => void): void {
    this.taken -= 1;
    const left = (this.ofWorkspace.get(workspaceId) ?? 1) - 1;
    if (left > 0) this.ofWorkspace.set(workspaceId, left);
    else this.ofWorkspace.delete(workspaceId);
    const next = this.nextPostponed();
    if (next !== undefined) begin(next);
  }

  /** Whoever has the fewest runs here is next: a crowd that waits longer would keep everybody else out. */
  private nextPostponed(): Postponed | undefined {
    const waiting = [...this.postponed.keys()].filter((workspaceId) => this.admits(workspaceId));
    const few = (workspaceId: string): number => this.ofWorkspace.get(workspaceId) ?? 0;
    const [workspaceId] = waiting.sort((one, other) => few(one) - few(other));
    const runs = workspaceId === undefined ? undefined : this.postponed.get(workspaceId);
    const [next] = runs?.values() ?? [];
    if (workspaceId === undefined || next === undefined) return undefined;
    runs?.delete(next.runId);
    if (runs?.size === 0) this.postponed.delete(workspaceId);
    this.postponedCount -= 1;
    return next;
  }

  /** A worker with few places has none to spare. */
  private get reserved(): number {
    return Math.floor(this.count * RESERVED_SHARE);
  }
}
