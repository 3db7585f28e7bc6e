import { trusted } from 'mongoose';
import type { Database } from '../connection/database.js';
import { SystemDocuments } from '../documents/documents.js';
import { isTaken } from '../documents/taken.js';
import { OUTBOX, type MailStatus, type OutboxDocument } from './outbox.schema.js';

export interface OutboxMail extends Omit<OutboxDocument, '_id' | 'schemaVersion' | 'expiresAt'> {
  readonly id: string;
}

export interface NewOutboxMail {
  readonly id: string;
  readonly kind: string;
  readonly to: string;
  readonly sealed: string;
  readonly notAfter?: Date | undefined;
}

/** Who sends a mail, and until when nobody else does. */
export interface MailClaim {
  readonly id: string;
  readonly claim: string;
}

export interface MailEnd {
  readonly status: Exclude<MailStatus, 'due'>;
  /** Why it was not sent: a word of ours. */
  readonly reason?: string;
  readonly messageId?: string;
  readonly keepsContent: boolean;
}

/** A week: long enough to find out why a mail did not come, and no archive of who got mail. */
export const MAIL_KEPT_MS = 7 * 86_400_000;

/** Enough to tell that mails do not go out, and nothing to read every few seconds. */
const LOOKED_AT = 100;

/**
 * Mails that are to go out. They belong to the system: some go to people who have no account yet, so no method takes
 * an owner. The clock is the store's, so that processes that disagree about the time do not send twice.
 */
export class OutboxRepository {
  private readonly documents: SystemDocuments<OutboxDocument>;

  constructor(private readonly database: Database) {
    this.documents = new SystemDocuments(database, OUTBOX);
  }

  /** A mail that is there already, under way or done, stays as it is. */
  async insert({ id, kind, to, sealed, notAfter = undefined }: NewOutboxMail): Promise<void> {
    const expiresAt = new Date(Date.now() + MAIL_KEPT_MS);
    const known = { kind, to, sealed, notAfter: notAfter ?? null, expiresAt };
    const rest = { status: 'due', attempts: 0, claim: null, lastError: null, sentAt: null, messageId: null } as const;
    // An upsert, because only an update can take the time from the store.
    const update = {
      $setOnInsert: { schemaVersion: 1 as const, ...known, ...rest },
      $currentDate: { createdAt: true as const, dueAt: true as const },
    };
    try {
      // Matches none: one that is there has a status, and its key is then taken.
      await this.documents.update({ _id: id, status: trusted({ $exists: false }) }, update, { upsert: true });
    } catch (error) {
      if (!isTaken(error)) throw error;
    }
  }

  /** Ids of those that somebody must look at, the longest waiting first. */
  async due(now: Date, limit: number): Promise<string[]> {
    const filter = { status: 'due' as const, dueAt: trusted({ $lte: now }) };
    const found = await this.documents.list(filter, { sort: { dueAt: 1 }, limit });
    return found.map(({ _id }) => _id);
  }

  /** Since when the oldest of the next ones waits, also when it is not its turn yet: it may have been tried for hours. */
  async waitingSince(): Promise<Date | undefined> {
    const next = await this.documents.list({ status: 'due' as const }, { sort: { dueAt: 1 }, limit: LOOKED_AT });
    const times = next.map(({ createdAt }) => createdAt.getTime());
    return times.length === 0 ? undefined : new Date(Math.min(...times));
  }

  /** Answers the mail to who comes first; until `until` it is nobody else's. */
  async claim({ id, claim }: MailClaim, now: Date, until: Date): Promise<OutboxMail | null> {
    const filter = { _id: id, status: 'due' as const, dueAt: trusted({ $lte: now }) };
    const found = await this.documents.change(filter, { $set: { claim, dueAt: until }, $inc: { attempts: 1 } });
    return found && mailOf(found);
  }

  /** Answers whether the mail was still this one's. */
  finish({ id, claim }: MailClaim, { status, reason, messageId, keepsContent }: MailEnd): Promise<boolean> {
    const known = { status, lastError: reason ?? null, ...(messageId !== undefined && { messageId }) };
    return this.documents.update(
      { _id: id, status: 'due', claim },
      {
        $set: { ...known, ...(keepsContent ? {} : { sealed: null }) },
        ...(status === 'sent' && { $currentDate: { sentAt: true as const } }),
      },
    );
  }

  /** It did not go out and is tried again. Answers whether it was still this one's. */
  retry({ id, claim }: MailClaim, dueAt: Date, reason: string): Promise<boolean> {
    return this.documents.update({ _id: id, status: 'due', claim }, { $set: { dueAt, lastError: reason } });
  }

  /** For the mailbox of development. */
  async latest(limit: number): Promise<OutboxMail[]> {
    return (await this.documents.list({}, { sort: { createdAt: -1 }, limit })).map(mailOf);
  }

  /** All mails to somebody who is not here any more. */
  eraseTo(email: string): Promise<number> {
    return this.documents.deleteAll({ to: email });
  }

  async now(): Promise<Date> {
    return (await this.database.ping()).storeTime;
  }
}

function mailOf({ _id, schemaVersion: _version, expiresAt: _expires, ...rest }: OutboxDocument): OutboxMail {
  return { id: _id, ...rest };
}
