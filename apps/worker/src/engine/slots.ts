/** Kept free for workspaces that have nothing running here. */
const RESERVED_SHARE = 0.1;
/** More bells than that are left to the reconciler. */
const MAX_POSTPONED = 1_000;
/** Of runs that were not looked at yet. */
const UNKNOWN = '';

/** The places of one worker. A busy workspace does not get the last of them. */
export class Slots {
  private readonly ofWorkspace = new Map<string, number>();
  /** By workspace, as far as that was known. */
  private readonly postponed = new Map<string, Set<string>>();
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
  postpone(runId: string, workspaceId = UNKNOWN): void {
    const runs = this.postponed.get(workspaceId) ?? new Set();
    if (this.postponedCount >= MAX_POSTPONED || runs.has(runId)) return;
    this.postponed.set(workspaceId, runs.add(runId));
    this.postponedCount += 1;
  }

  giveBack(workspaceId: string, begin: (runId: string) => void): void {
    this.taken -= 1;
    const left = (this.ofWorkspace.get(workspaceId) ?? 1) - 1;
    if (left > 0) this.ofWorkspace.set(workspaceId, left);
    else this.ofWorkspace.delete(workspaceId);
    const next = this.nextPostponed();
    if (next !== undefined) begin(next);
  }

  /** Whoever has the fewest runs here is next: a crowd that waits longer would keep everybody else out. */
  private nextPostponed(): string | undefined {
    const waiting = [...this.postponed.keys()].filter((workspaceId) => this.admits(workspaceId));
    const few = (workspaceId: string): number => this.ofWorkspace.get(workspaceId) ?? 0;
    const [workspaceId] = waiting.sort((one, other) => few(one) - few(other));
    const runs = workspaceId === undefined ? undefined : this.postponed.get(workspaceId);
    const [runId] = runs ?? [];
    if (workspaceId === undefined || runId === undefined) return undefined;
    runs?.delete(runId);
    if (runs?.size === 0) this.postponed.delete(workspaceId);
    this.postponedCount -= 1;
    return runId;
  }

  /** A worker with few places has none to spare. */
  private get reserved(): number {
    return Math.floor(this.count * RESERVED_SHARE);
  }
}
