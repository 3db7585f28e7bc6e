import type { PersonRole } from '@flowmate/domain';
import { trusted, type QueryFilter, type UpdateQuery } from 'mongoose';
import type { Database } from '../connection/database.js';
import { SystemDocuments } from '../documents/documents.js';
import { isTaken } from '../documents/taken.js';
import { USERS, type LinkedIdentity, type UserDocument } from './user.schema.js';

export type User = Omit<UserDocument, '_id' | 'schemaVersion'> & { readonly id: string };

export interface UserFilter {
  readonly email?: string;
  readonly role?: PersonRole;
  readonly isDisabled?: boolean;
  /** Those after this id. */
  readonly after?: string;
  readonly limit: number;
}

const userOf = ({ _id, schemaVersion, ...rest }: UserDocument): User => ({ id: _id, ...rest });

/** The people of an instance. They belong to no workspace, so no method takes an owner: only identity asks here. */
export class UserRepository {
  private readonly documents: SystemDocuments<UserDocument>;

  constructor(database: Database) {
    this.documents = new SystemDocuments(database, USERS);
  }

  /** Answers whether the address was free. */
  async create({ id, ...user }: User): Promise<boolean> {
    try {
      await this.documents.insert({ _id: id, schemaVersion: 1, ...user });
      return true;
    } catch (error) {
      if (isTaken(error)) return false;
      throw error;
    }
  }

  find(id: string): Promise<User | null> {
    return this.one({ _id: id });
  }

  async findAll(ids: readonly string[]): Promise<User[]> {
    const filter = { _id: trusted({ $in: [...ids] }) } as QueryFilter<UserDocument>;
    return (await this.documents.list(filter, { sort: { _id: 1 }, limit: ids.length || 1 })).map(userOf);
  }

  findByEmail(email: string): Promise<User | null> {
    return this.one({ email });
  }

  findByIdentity({ issuer, subject }: LinkedIdentity): Promise<User | null> {
    return this.one({
      // Both of one account; the first two alone would take them from two, and they are what the index serves.
      'identities.issuer': issuer,
      'identities.subject': subject,
      identities: trusted({ $elemMatch: { issuer, subject } }),
    } as QueryFilter<UserDocument>);
  }

  /** In the order in which they came. */
  async list({ email, role, isDisabled, after, limit }: UserFilter): Promise<User[]> {
    const filter: QueryFilter<UserDocument> = {
      ...(email !== undefined && { email }),
      ...(role !== undefined && { role }),
      ...(isDisabled !== undefined && { disabledAt: trusted({ $exists: isDisabled }) }),
      _id: trusted({ $gt: after ?? '' }),
    };
    return (await this.documents.list(filter, { sort: { _id: 1 }, limit })).map(userOf);
  }

  async isEmpty(): Promise<boolean> {
    return (await this.documents.count({}, 1)) === 0;
  }

  /** Whether somebody else could still look after the instance. */
  async hasOtherAdmin(than?: string): Promise<boolean> {
    const filter: QueryFilter<UserDocument> = {
      role: 'admin',
      ...(than !== undefined && { _id: trusted({ $ne: than }) }),
      disabledAt: trusted({ $exists: false }),
      deletedAt: trusted({ $exists: false }),
    };
    return (await this.documents.count(filter, 1)) > 0;
  }

  /** Deleted before that moment. */
  async listErasable(before: Date, limit: number): Promise<User[]> {
    const filter = { deletedAt: trusted({ $lt: before }) } as QueryFilter<UserDocument>;
    return (await this.documents.list(filter, { sort: { deletedAt: 1 }, limit })).map(userOf);
  }

  setRole(id: string, role: PersonRole): Promise<User | null> {
    return this.change(id, { $set: { role } });
  }

  /** Ends the sessions too: who is let in again later signs in again, and a thief does not come back with him. */
  setDisabled(id: string, at: Date | undefined): Promise<User | null> {
    return this.change(
      id,
      at ? { $set: { disabledAt: at }, $inc: { sessionVersion: 1 } } : { $unset: { disabledAt: 1 } },
    );
  }

  setDeleted(id: string, at: Date | undefined): Promise<User | null> {
    return this.change(
      id,
      at ? { $set: { deletedAt: at }, $inc: { sessionVersion: 1 } } : { $unset: { deletedAt: 1 } },
    );
  }

  /** Ends all sessions of a person at once: those that exist have a lower version from now on. */
  endSessions(id: string): Promise<User | null> {
    return this.change(id, { $inc: { sessionVersion: 1 } });
  }

  signedIn(id: string, at: Date): Promise<User | null> {
    return this.change(id, { $set: { lastSignInAt: at } });
  }

  settled(id: string, at: Date): Promise<User | null> {
    return this.change(id, { $set: { settledAt: at } });
  }

  /** Answers `null` when somebody else has this identity, or this person has another one there. */
  async link(id: string, identity: LinkedIdentity): Promise<User | null> {
    const filter = { _id: id, 'identities.issuer': trusted({ $ne: identity.issuer }) } as QueryFilter<UserDocument>;
    try {
      const linked = await this.documents.change(filter, { $push: { identities: identity } });
      return linked && userOf(linked);
    } catch (error) {
      if (isTaken(error)) return null;
      throw error;
    }
  }

  /** The point of no return, if the person has not come back: from then on nobody finds the account by its address. */
  forget(id: string, deletedBefore: Date, standIn: string): Promise<boolean> {
    const filter = { _id: id, deletedAt: trusted({ $lt: deletedBefore }) } as QueryFilter<UserDocument>;
    return this.documents.update(filter, { $set: { email: standIn, identities: [] } });
  }

  erase(id: string): Promise<boolean> {
    return this.documents.delete({ _id: id });
  }

  private async one(filter: QueryFilter<UserDocument>): Promise<User | null> {
    const found = await this.documents.findOne(filter);
    return found && userOf(found);
  }

  private async change(id: string, update: UpdateQuery<UserDocument>): Promise<User | null> {
    const changed = await this.documents.change({ _id: id }, update);
    return changed && userOf(changed);
  }
}
