import type { OwnerScope } from '@flowmate/domain';
import { trusted } from 'mongoose';
import type { Database } from '../connection/database.js';
import { OwnedDocuments, type OwnedFilter } from '../documents/owned-documents.js';
import { isTaken } from '../documents/taken.js';
import { IDEMPOTENCY_KEYS, type IdempotencyKeyDocument } from './idempotency-key.schema.js';

/** Longer than any request takes: one that was begun before then has died with its process. */
const UNDER_WAY_MS = 60_000;
/** What Stripe and others promise. */
export const IDEMPOTENCY_KEPT_MS = 86_400_000;

export interface NamedRequest {
  readonly key: string;
  /** A hash of what is asked for. */
  readonly body: string;
}

/** `begun`: it is the caller's to do. `reused`: the key was given to another request. */
export type RequestStart =
  | { readonly state: 'begun'; readonly at: Date }
  | { readonly state: 'running' | 'reused' }
  | { readonly state: 'done'; readonly answer: string };

/** Requests by the keys of their callers, for operations whose documents do not hold the key themselves. */
export class IdempotencyKeyRepository {
  private readonly documents: OwnedDocuments<IdempotencyKeyDocument>;

  constructor(database: Database) {
    this.documents = new OwnedDocuments(database, IDEMPOTENCY_KEYS);
  }

  /** Of many who begin at once, one does. */
  async begin(owner: OwnerScope, { key, body }: NamedRequest, at: Date): Promise<RequestStart> {
    const expiresAt = new Date(at.getTime() + IDEMPOTENCY_KEPT_MS);
    try {
      await this.documents.insert(owner, { _id: key, schemaVersion: 1, body, begunAt: at, expiresAt });
      return { state: 'begun', at };
    } catch (error) {
      if (!isTaken(error)) throw error;
    }
    const known = await this.documents.findOne(owner, { _id: key });
    if (known && known.expiresAt > at) {
      if (known.body !== body) return { state: 'reused' };
      if (known.answer !== undefined) return { state: 'done', answer: known.answer };
      if (known.begunAt.getTime() > at.getTime() - UNDER_WAY_MS) return { state: 'running' };
    }
    return this.takeOver(owner, known, { key, body, at, expiresAt });
  }

  /** Keeps the answer for whoever asks again. */
  async finish(owner: OwnerScope, key: string, begunAt: Date, answer: string): Promise<void> {
    await this.documents.update(owner, { _id: key, begunAt }, { $set: { answer } });
  }

  /** The request came to nothing: it may be sent again, mended. */
  async release(owner: OwnerScope, key: string, begunAt: Date): Promise<void> {
    const filter = { _id: key, begunAt, answer: trusted({ $exists: false }) };
    await this.documents.delete(owner, filter as OwnedFilter<IdempotencyKeyDocument>);
  }

  eraseAll(owner: OwnerScope): Promise<number> {
    return this.documents.deleteAll(owner);
  }

  /** From a process that died, or from a time that is over. */
  private async takeOver(
    owner: OwnerScope,
    known: IdempotencyKeyDocument | null,
    { key, body, at, expiresAt }: NamedRequest & { at: Date; expiresAt: Date },
  ): Promise<RequestStart> {
    // Removed between the two looks: whoever did that has failed, and the caller may ask again.
    if (!known) return { state: 'running' };
    const changed = await this.documents.change(
      owner,
      { _id: key, begunAt: known.begunAt },
      { $set: { body, begunAt: at, expiresAt }, $unset: { answer: 1 } },
    );
    return changed ? { state: 'begun', at } : { state: 'running' };
  }
}
