import { MAX_CRASHES } from '@flowmate/domain';

/** After so many crashes in a row a run is begun only where no other is that was there when a process ended. */
const ALONE = 2;

/**
 * Runs that were there when a process ended, one of which may have ended it. Those that were there twice are begun one
 * by one and away from those that were there once, so that the one that kills takes none of the others with it.
 */
export class Suspects {
  private readonly crashesOf = new Map<string, number>();

  admits(crashes: number): boolean {
    // One that has had its last crash does nothing any more: it ends.
    if (crashes === 0 || crashes >= MAX_CRASHES) return true;
    if (crashes >= ALONE) return this.crashesOf.size === 0;
    return ![...this.crashesOf.values()].some((other) => other >= ALONE);
  }

  add(runId: string, crashes: number): void {
    if (crashes > 0) this.crashesOf.set(runId, crashes);
  }

  delete(runId: string): void {
    this.crashesOf.delete(runId);
  }
}
