import { auditEntryId, type AuditEntryDocument, type AuditRepository } from '@flowmate/database';
import type { AuditEntry } from '@flowmate/domain';
import { GENESIS, type AuditChain } from './audit-chain.js';

/** An entry that is cleaned and waits for its place. */
export interface Draft extends AuditEntry {
  readonly at: Date;
  readonly correlationId?: string;
}

/** What the next entry of a trail follows. */
export interface TrailEnd {
  readonly seq: number;
  readonly hash: string;
}

/** Of a trail whose entries were all taken away, the head still knows the end; nothing begins at one again. */
export async function findEnd(trail: string, repository: AuditRepository, chain: AuditChain): Promise<TrailEnd> {
  const [last, head] = await Promise.all([repository.last(trail), repository.head(trail)]);
  if (!head) await begin(trail, repository, chain);
  if (last && last.seq >= (head?.seq ?? 0)) return last;
  return head ?? { seq: 0, hash: GENESIS };
}

/** The head is there before the first entry, so that one without it was tampered with. */
async function begin(trail: string, repository: AuditRepository, chain: AuditChain): Promise<void> {
  const end = chain.end(trail, 0, GENESIS);
  const beginning = chain.beginning(trail, 1, GENESIS);
  await repository.begin({ _id: trail, schemaVersion: 1, ...end, ...beginning });
}

/** Entries with the places that follow an end; they must all be of its trail. */
export function chained(drafts: readonly Draft[], end: TrailEnd, chain: AuditChain): AuditEntryDocument[] {
  let { seq, hash } = end;
  return drafts.map((draft) => {
    seq += 1;
    const place = { _id: auditEntryId(draft.trail, seq), schemaVersion: 1 as const, seq, previous: hash };
    const entry = chain.sign({ ...draft, ...place });
    hash = entry.hash;
    return entry;
  });
}
