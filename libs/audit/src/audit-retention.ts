import type { AuditHeadDocument, AuditRepository } from '@flowmate/database';
import type { AuditChain } from './audit-chain.js';

export interface TrailCut {
  readonly trail: string;
  readonly removed: number;
}

/** The end of a trail does not hold, so nothing of it is removed: what is old may be the evidence. */
class TrailBrokenError extends Error {
  override readonly name = 'TrailBrokenError';

  constructor(trail: string, seq: number) {
    super(
      `The audit trail ${trail} does not verify at ${seq}; nothing of it is removed. Run \`flowmate audit verify\`.`,
    );
  }
}

/** Trails are looked at by name, a page at a time. */
const PAGE = 100;

/**
 * Removes old entries from the oldest end of every trail. The head learns of the new beginning first, sealed, so what
 * is left still verifies, also when the process is killed in between; the newest entry always stays.
 */
export class AuditRetention {
  constructor(
    private readonly repository: AuditRepository,
    private readonly chain: AuditChain,
  ) {}

  /** Answers what was removed. A trail that is broken stays as it is and is told at the end. */
  async removeBefore(moment: Date, signal?: AbortSignal): Promise<TrailCut[]> {
    const cuts: TrailCut[] = [];
    const broken: unknown[] = [];
    for await (const head of this.trails()) {
      signal?.throwIfAborted();
      try {
        const removed = await this.cut(head, moment, signal);
        if (removed > 0) cuts.push({ trail: head._id, removed });
      } catch (error) {
        if (!(error instanceof TrailBrokenError)) throw error;
        broken.push(error);
      }
    }
    if (broken.length > 0) throw broken[0];
    return cuts;
  }

  private async *trails(): AsyncGenerator<AuditHeadDocument> {
    let after = '';
    for (;;) {
      // oxlint-disable-next-line no-await-in-loop -- page after page is what keeps memory constant
      const page = await this.repository.heads(after, PAGE);
      yield* page;
      const last = page.at(-1);
      if (page.length < PAGE || !last) return;
      after = last._id;
    }
  }

  private async cut(head: AuditHeadDocument, moment: Date, signal?: AbortSignal): Promise<number> {
    const { _id: trail } = head;
    const kept = (await this.repository.firstSince(trail, moment)) ?? (await this.repository.last(trail));
    if (!kept) return 0;
    if (kept.seq > head.firstSeq) await this.moveBeginning(trail, kept.seq);
    let removed = 0;
    for (;;) {
      signal?.throwIfAborted();
      // oxlint-disable-next-line no-await-in-loop -- in steps that each end in time
      const step = await this.repository.removeBefore(trail, kept.seq);
      if (step === 0) return removed;
      removed += step;
    }
  }

  private async moveBeginning(trail: string, firstSeq: number): Promise<void> {
    const last = await this.repository.at(trail, firstSeq - 1);
    // Another worker was there first.
    if (!last && ((await this.repository.head(trail))?.firstSeq ?? 0) >= firstSeq) return;
    if (!last || this.chain.proofOf(last) !== 'good') throw new TrailBrokenError(trail, firstSeq - 1);
    await this.repository.moveBeginning(trail, this.chain.beginning(trail, firstSeq, last.hash));
  }
}
