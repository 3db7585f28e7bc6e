import { setTimeout as delay } from 'node:timers/promises';
import { DatabaseUnavailableError, type AuditEntryDocument, type AuditRepository } from '@flowmate/database';
import type { AuditChain } from './audit-chain.js';
import { chained, findEnd, type Draft, type TrailEnd } from './trail-end.js';

interface Waiting {
  readonly draft: Draft;
  readonly stored: (entry: AuditEntryDocument) => void;
  readonly failed: (error: unknown) => void;
}

/** So many go to the store at once: half a megabyte at most, well within the time of one operation. */
const MAX_BATCH = 200;
/** Who finds a place taken reads the new end and tries again; of twenty processes at once the unluckiest needs some thirty. */
const MAX_TRIES = 100;
const CONTENDED = 'Other processes write to this audit trail faster than this one finds a place in it.';
/** Processes that met once should not meet again. */
const RETRY_WITHIN_MS = 10;

/**
 * Adds to one trail. All that wait are added together, in their order, so a trail takes as many entries as the store
 * takes batches times what came meanwhile. Other processes add to the same trail: a place is taken by who is first.
 */
export class TrailWriter {
  private waiting: Waiting[] = [];
  private isWriting = false;
  private end: TrailEnd | undefined;

  constructor(
    private readonly trail: string,
    private readonly repository: AuditRepository,
    private readonly chain: AuditChain,
  ) {}

  get isIdle(): boolean {
    return !this.isWriting;
  }

  /** Resolves when the entry is stored and the head knows of it. */
  add(draft: Draft): Promise<AuditEntryDocument> {
    return new Promise((stored, failed) => {
      this.waiting.push({ draft, stored, failed });
      if (!this.isWriting) void this.writeAll();
    });
  }

  private async writeAll(): Promise<void> {
    this.isWriting = true;
    while (this.waiting.length > 0) {
      const batch = this.waiting.splice(0, MAX_BATCH);
      try {
        // oxlint-disable-next-line no-await-in-loop -- each batch follows the one before it
        await this.write(batch);
      } catch (error) {
        // What became of them is unknown, so the end is too.
        this.end = undefined;
        for (const { failed } of batch) failed(error);
      }
    }
    this.isWriting = false;
  }

  private async write(batch: readonly Waiting[]): Promise<void> {
    let left = batch;
    for (let tries = 0; left.length > 0; tries += 1) {
      if (tries >= MAX_TRIES) throw new DatabaseUnavailableError(false, new Error(CONTENDED));
      // oxlint-disable-next-line no-await-in-loop -- each try needs the end that the last one found
      if (tries > 0) await delay(Math.random() * RETRY_WITHIN_MS);
      // oxlint-disable-next-line no-await-in-loop -- as above
      left = await this.tryToWrite(left);
    }
  }

  /** Answers those that found no place. */
  private async tryToWrite(batch: readonly Waiting[]): Promise<readonly Waiting[]> {
    const end = (this.end ??= await findEnd(this.trail, this.repository, this.chain));
    const entries = chained(
      batch.map(({ draft }) => draft),
      end,
      this.chain,
    );
    const count = await this.repository.append(entries);
    const last = entries[count - 1];
    if (last) await this.repository.moveEnd(this.trail, this.chain.end(this.trail, last.seq, last.hash));
    this.end = count === batch.length && last ? { seq: last.seq, hash: last.hash } : undefined;
    for (const [index, entry] of entries.slice(0, count).entries()) batch[index]?.stored(entry);
    return batch.slice(count);
  }
}
