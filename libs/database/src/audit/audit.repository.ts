import { trusted, type QueryFilter } from 'mongoose';
import type { Database } from '../connection/database.js';
import { SystemDocuments } from '../documents/documents.js';
import { isTaken } from '../documents/taken.js';
import { AUDIT, AUDIT_HEADS, type AuditEntryDocument, type AuditHeadDocument } from './audit.schema.js';

/** Which entries of a trail to show. All of it together must hold. */
export interface AuditFilter {
  readonly action?: string | undefined;
  /** Ids, whatever kind they are of. */
  readonly actor?: string | undefined;
  readonly target?: string | undefined;
  readonly outcome?: string | undefined;
  /** From this moment on. */
  readonly from?: Date | undefined;
  /** Before this moment. */
  readonly to?: Date | undefined;
}

export interface AuditPageOptions {
  /** Only entries before this place. */
  readonly beforeSeq?: number | undefined;
  readonly limit: number;
}

type NewEnd = Pick<AuditHeadDocument, 'seq' | 'hash' | 'keyId' | 'seal'>;
type NewBeginning = Pick<AuditHeadDocument, 'firstSeq' | 'cutHash' | 'cutKeyId' | 'cutSeal'>;

/** How many entries one removal takes: well within the time of one operation. */
const REMOVED_AT_ONCE = 1_000;
/** Twelve digits: a thousand entries a second for thirty years. */
const SEQ_DIGITS = 12;

export function auditEntryId(trail: string, seq: number): string {
  return `${trail}:${String(seq).padStart(SEQ_DIGITS, '0')}`;
}

/**
 * The trails of acts. A trail is what owns an entry, so it comes first everywhere; whose trail somebody may read is
 * decided above. Entries are added and, when they are old, removed from the oldest end; nothing changes one.
 */
export class AuditRepository {
  private readonly entries: SystemDocuments<AuditEntryDocument>;
  private readonly headDocuments: SystemDocuments<AuditHeadDocument>;

  constructor(database: Database) {
    this.entries = new SystemDocuments(database, AUDIT);
    this.headDocuments = new SystemDocuments(database, AUDIT_HEADS);
  }

  /**
   * Adds entries in their order and answers how many were added: fewer than all when somebody else took the place of
   * the next one. What was not added is as if it had never been tried.
   */
  append(entries: readonly AuditEntryDocument[]): Promise<number> {
    return this.entries.insertUntilTaken(entries);
  }

  async last(trail: string): Promise<AuditEntryDocument | null> {
    const [last] = await this.entries.list({ trail }, { sort: { seq: -1 }, limit: 1 });
    return last ?? null;
  }

  at(trail: string, seq: number): Promise<AuditEntryDocument | null> {
    return this.entries.findOne({ trail, seq });
  }

  /** Newest first. */
  page(trail: string, filter: AuditFilter, { beforeSeq, limit }: AuditPageOptions): Promise<AuditEntryDocument[]> {
    return this.entries.list(asQuery(trail, filter, beforeSeq), { sort: { seq: -1 }, limit });
  }

  /** Of some targets; `limit` is more than there can be. */
  ofTargets(trail: string, targets: readonly string[], limit: number): Promise<AuditEntryDocument[]> {
    return this.entries.list({ trail, 'target.id': trusted({ $in: [...targets] }) }, { sort: { seq: 1 }, limit });
  }

  /** Oldest first, of all that have a place. */
  after(trail: string, seq: number, limit: number): Promise<AuditEntryDocument[]> {
    return this.entries.list({ trail, seq: trusted({ $gt: seq }) }, { sort: { seq: 1 }, limit });
  }

  /** Some of what stands in a trail without having a place in it: nothing of ours ever does. */
  strays(trail: string, limit: number): Promise<AuditEntryDocument[]> {
    const hasNone = trusted({ $not: { $gt: Number.NEGATIVE_INFINITY } });
    return this.entries.list({ trail, seq: hasNone }, { sort: { seq: 1 }, limit });
  }

  /** The oldest entry that was recorded at this moment or later. */
  async firstSince(trail: string, moment: Date): Promise<AuditEntryDocument | null> {
    const [first] = await this.entries.list({ trail, at: trusted({ $gte: moment }) }, { sort: { seq: 1 }, limit: 1 });
    return first ?? null;
  }

  head(trail: string): Promise<AuditHeadDocument | null> {
    return this.headDocuments.findOne({ _id: trail });
  }

  /** All trails by name, a page at a time. */
  heads(afterTrail: string, limit: number): Promise<AuditHeadDocument[]> {
    return this.headDocuments.list({ _id: trusted({ $gt: afterTrail }) }, { sort: { _id: 1 }, limit });
  }

  /** The next trail by name, of those that have a head and those that only have entries. */
  async trailAfter(trail: string): Promise<string | undefined> {
    const isLater = trusted({ $gt: trail });
    const [heads, entries] = await Promise.all([
      this.headDocuments.list({ _id: isLater }, { sort: { _id: 1 }, limit: 1 }),
      this.entries.list({ trail: isLater }, { sort: { trail: 1, seq: 1 }, limit: 1 }),
    ]);
    const names = [...heads.map(({ _id }) => _id), ...entries.map((entry) => entry.trail)];
    return names.sort()[0];
  }

  /** Makes the head of a trail that has none; of two that come at once one does. */
  async begin(head: AuditHeadDocument): Promise<void> {
    try {
      await this.headDocuments.insert(head);
    } catch (error) {
      if (!isTaken(error)) throw error;
    }
  }

  /** Never backwards: who comes late with an earlier end changes nothing. */
  async moveEnd(trail: string, end: NewEnd): Promise<void> {
    await this.headDocuments.update({ _id: trail, seq: trusted({ $lt: end.seq }) }, { $set: end });
  }

  async moveBeginning(trail: string, beginning: NewBeginning): Promise<void> {
    const { firstSeq } = beginning;
    await this.headDocuments.update({ _id: trail, firstSeq: trusted({ $lt: firstSeq }) }, { $set: beginning });
  }

  /** Removes some of the entries before this place, the oldest first; answers how many. None is left when it is 0. */
  async removeBefore(trail: string, seq: number): Promise<number> {
    const [oldest] = await this.entries.list({ trail }, { sort: { seq: 1 }, limit: 1 });
    if (!oldest || oldest.seq >= seq) return 0;
    const end = Math.min(seq, oldest.seq + REMOVED_AT_ONCE);
    return this.entries.deleteAll({ trail, seq: trusted({ $lt: end }) });
  }
}

function asQuery(trail: string, filter: AuditFilter, beforeSeq?: number): QueryFilter<AuditEntryDocument> {
  const { action, actor, target, outcome, from, to } = filter;
  return {
    trail,
    ...(action !== undefined && { action }),
    ...(actor !== undefined && { 'actor.id': actor }),
    ...(target !== undefined && { 'target.id': target }),
    ...(outcome !== undefined && { outcome }),
    ...((from ?? to) && { at: trusted({ ...(from && { $gte: from }), ...(to && { $lt: to }) }) }),
    // What has no number for a place is nobody's entry.
    seq: trusted({ $gt: 0, $lt: beforeSeq ?? Number.POSITIVE_INFINITY }),
  };
}
