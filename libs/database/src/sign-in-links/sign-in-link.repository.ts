import { trusted } from 'mongoose';
import type { Database } from '../connection/database.js';
import { SystemDocuments } from '../documents/documents.js';
import { isTaken } from '../documents/taken.js';
import { SIGN_IN_LINKS, type SignInLinkDocument } from './sign-in-link.schema.js';

export interface SignInLink extends Omit<SignInLinkDocument, '_id' | 'schemaVersion'> {
  /** A keyed hash of the address. */
  readonly id: string;
}

/** Links by mail. Who follows one has no account yet, or is not known to be its owner: no method takes an owner. */
export class SignInLinkRepository {
  private readonly documents: SystemDocuments<SignInLinkDocument>;

  constructor(database: Database) {
    this.documents = new SystemDocuments(database, SIGN_IN_LINKS);
  }

  async of(id: string): Promise<SignInLink | null> {
    const found = await this.documents.findOne({ _id: id });
    return found && linkOf(found);
  }

  /**
   * Puts a link in the place of that version of the address's older one; of none is version 0. Answers false when
   * somebody else was first.
   */
  async replace({ id, version, ...link }: SignInLink, older: number): Promise<boolean> {
    const set = { schemaVersion: 1 as const, ...link, version };
    try {
      return await this.documents.update({ _id: id, version: older }, { $set: set }, { upsert: older === 0 });
    } catch (error) {
      if (isTaken(error)) return false;
      throw error;
    }
  }

  /** Counts a try before anything is compared, so that many at once are not more than were allowed. */
  async attempt(tokenHash: string, now: Date, maxTries: number): Promise<SignInLink | null> {
    const filter = {
      tokenHash,
      usedAt: null,
      tries: trusted({ $lt: maxTries }),
      expiresAt: trusted({ $gt: now }),
    };
    const found = await this.documents.change(filter, { $inc: { tries: 1 } });
    return found && linkOf(found);
  }

  /** Answers true to one caller only. */
  use(tokenHash: string, now: Date): Promise<boolean> {
    return this.documents.update({ tokenHash, usedAt: null }, { $set: { usedAt: now } });
  }

  eraseOfEmail(email: string): Promise<number> {
    return this.documents.deleteAll({ email });
  }
}

function linkOf({ _id, schemaVersion: _version, ...rest }: SignInLinkDocument): SignInLink {
  return { id: _id, ...rest };
}
