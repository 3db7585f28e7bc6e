/** Kept free for workspaces that have nothing running here. */
const RESERVED_SHARE = 0.1;
/** More bells than that are left to the reconciler. */
const MAX_POSTPONED = 1_000;

/** The places of one worker. A busy workspace does not get the last of them. */
export class Slots {
  private readonly ofWorkspace = new Map<string, number>();
  private readonly postponed = new Set<string>();
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
  postpone(runId: string): void {
    if (this.postponed.size < MAX_POSTPONED) this.postponed.add(runId);
  }

  giveBack(workspaceId: string, begin: (runId: string) => void): void {
    this.taken -= 1;
    const left = (this.ofWorkspace.get(workspaceId) ?? 1) - 1;
    if (left > 0) this.ofWorkspace.set(workspaceId, left);
    else this.ofWorkspace.delete(workspaceId);
    const [next] = this.postponed;
    if (next === undefined || this.taken >= this.count - this.reserved) return;
    this.postponed.delete(next);
    begin(next);
  }

  /** A worker with few places has none to spare. */
  private get reserved(): number {
    return Math.floor(this.count * RESERVED_SHARE);
  }
}
