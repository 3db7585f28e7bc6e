import type { AuditRepository } from '@flowmate/database';
import type { AuditEntry, AuditTrail } from '@flowmate/domain';
import { currentContext, scrubCorrelationId } from '@flowmate/observability';
import type { AuditChain } from './audit-chain.js';
import type { AuditSink } from './audit-sink.js';
import { cleanEntry } from './clean-entry.js';
import { RepeatFilter } from './repeat-filter.js';
import type { Draft } from './trail-end.js';
import { TrailWriter } from './trail-writer.js';

export interface AuditLogParts {
  readonly repository: AuditRepository;
  readonly chain: AuditChain;
  /** Where each entry also goes; nowhere else when absent. */
  readonly sink?: AuditSink | undefined;
  readonly now?: () => Date;
}

/** Names of trails are ids of ours; a separator in one would let two trails share a place. */
const TRAIL = /^[a-z0-9-]{1,40}$/;
/** A trail that nobody wrote to lately is found again with one question. */
const MAX_TRAILS = 1_000;
/** An id of a request is a UUID; callers may send up to 128 characters of their own. */
const MAX_CORRELATION_ID_LENGTH = 128;

/** Records acts: in the trail they belong to, and as a line of the audit stream. One per process. */
export class AuditLog implements AuditTrail {
  private readonly writers = new Map<string, TrailWriter>();
  private readonly repeats = new RepeatFilter();
  private readonly now: () => Date;

  constructor(private readonly parts: AuditLogParts) {
    this.now = parts.now ?? (() => new Date());
  }

  /** Resolves when the entry is stored. Rejects with the store's error after the entry has gone to the sink. */
  async record(entry: AuditEntry): Promise<void> {
    const draft = this.draft(entry);
    try {
      const { _id, schemaVersion: _, ...stored } = await this.writerOf(draft.trail).add(draft);
      this.parts.sink?.write({ stored: true, ...stored });
    } catch (error) {
      this.parts.sink?.write({ stored: false, ...draft });
      throw error;
    }
  }

  /**
   * For what one caller can cause as often as he likes. Of entries that say the same (actor, action, target, address)
   * one is recorded per hour and process; the next one tells how many were left out, as `details.leftOut`.
   */
  async recordSometimes(entry: AuditEntry): Promise<void> {
    const key = RepeatFilter.keyOf(entry);
    const leftOut = this.repeats.admit(key, this.now().getTime());
    if (leftOut === undefined) return;
    try {
      await this.record(leftOut === 0 ? entry : { ...entry, details: { ...entry.details, leftOut } });
    } catch (error) {
      this.repeats.forget(key);
      throw error;
    }
  }

  private draft(entry: AuditEntry): Draft {
    if (!TRAIL.test(entry.trail)) throw new TypeError('An audit trail is named by an id.');
    const id = currentContext()?.correlationId;
    const correlationId = id === undefined ? undefined : scrubCorrelationId(id, MAX_CORRELATION_ID_LENGTH);
    return { ...cleanEntry(entry), at: this.now(), ...(correlationId !== undefined && { correlationId }) };
  }

  private writerOf(trail: string): TrailWriter {
    const known = this.writers.get(trail);
    if (known) return known;
    if (this.writers.size >= MAX_TRAILS) this.forgetIdle();
    const writer = new TrailWriter(trail, this.parts.repository, this.parts.chain);
    this.writers.set(trail, writer);
    return writer;
  }

  private forgetIdle(): void {
    for (const [trail, writer] of this.writers) if (writer.isIdle) this.writers.delete(trail);
  }
}
