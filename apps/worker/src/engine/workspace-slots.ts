import type { WorkspaceRepository } from '@flowmate/database';
import type { Tier, TierLimits } from '@flowmate/domain';

/** A tier changes a few times a year. */
const FRESH_MS = 30_000;
const MAX_KNOWN = 10_000;

/** How many runs a workspace may have at once. */
export class WorkspaceSlots {
  private readonly known = new Map<string, { readonly at: number; readonly slots: Promise<number | null> }>();

  constructor(
    private readonly workspaces: Pick<WorkspaceRepository, 'find'>,
    private readonly limits: Readonly<Record<Tier, TierLimits>>,
  ) {}

  /** `null`: any number. None for a workspace that is gone. */
  of(workspaceId: string): Promise<number | null> {
    const known = this.known.get(workspaceId);
    if (known && performance.now() - known.at < FRESH_MS) return known.slots;
    const slots = this.read(workspaceId);
    slots.catch(() => this.known.delete(workspaceId));
    if (this.known.size > MAX_KNOWN) this.known.clear();
    this.known.set(workspaceId, { at: performance.now(), slots });
    return slots;
  }

  private async read(workspaceId: string): Promise<number | null> {
    const workspace = await this.workspaces.find(workspaceId);
    return workspace ? this.limits[workspace.tier].runsAtOnce : 0;
  }
}
