import type { OwnerScope } from '@flowmate/domain';
import { trusted, type QueryFilter } from 'mongoose';
import type { Database } from '../connection/database.js';
import { SystemDocuments } from '../documents/documents.js';
import { OwnedDocuments } from '../documents/owned-documents.js';
import { isTaken } from '../documents/taken.js';
import { INVITES, type InviteDocument } from './invite.schema.js';

export type Invite = Omit<InviteDocument, '_id' | 'schemaVersion' | 'tokenHash' | 'takenBy'> & { readonly id: string };

const inviteOf = ({ _id, schemaVersion, tokenHash, takenBy, ...rest }: InviteDocument): Invite => ({
  id: _id,
  ...rest,
});

export class InviteRepository {
  private readonly documents: OwnedDocuments<InviteDocument>;
  /** For what comes before a workspace is known, and for what belongs to an address. */
  private readonly ofAllWorkspaces: SystemDocuments<InviteDocument>;

  constructor(database: Database) {
    this.documents = new OwnedDocuments(database, INVITES);
    this.ofAllWorkspaces = new SystemDocuments(database, INVITES);
  }

  /** Answers whether the address was not invited yet. */
  async create(owner: OwnerScope, { id, ...invite }: Omit<Invite, 'workspaceId'>, tokenHash: string): Promise<boolean> {
    try {
      await this.documents.insert(owner, { _id: id, schemaVersion: 1, ...invite, tokenHash });
      return true;
    } catch (error) {
      if (isTaken(error)) return false;
      throw error;
    }
  }

  /** Those that can still be used. */
  async list(owner: OwnerScope, now: Date, limit: number): Promise<Invite[]> {
    const open = { expiresAt: trusted({ $gt: now }) };
    return (await this.documents.list(owner, open, { sort: { email: 1 }, limit })).map(inviteOf);
  }

  count(owner: OwnerScope, limit: number): Promise<number> {
    return this.documents.count(owner, {}, limit);
  }

  /** Answers whether there was one. */
  remove(owner: OwnerScope, id: string): Promise<boolean> {
    return this.documents.delete(owner, { _id: id });
  }

  removeOfEmail(owner: OwnerScope, email: string): Promise<boolean> {
    return this.documents.delete(owner, { email });
  }

  /** A workspace has fifty of them at most. */
  removeOfInviter({ workspaceId }: OwnerScope, invitedBy: string): Promise<number> {
    return this.ofAllWorkspaces.deleteAll({ workspaceId, invitedBy });
  }

  /**
   * Takes an invite for the person it is for, by the token that proves it, before anything of its workspace is known.
   * May be repeated by that person until it is removed, so that who is cut off in joining can join after all.
   */
  async takeUnscoped(tokenHash: string, { userId, email }: { userId: string; email: string }, now: Date) {
    const filter = { tokenHash, email, expiresAt: trusted({ $gt: now }) } as QueryFilter<InviteDocument>;
    const found = await this.ofAllWorkspaces.change(filter, { $set: { takenBy: userId } });
    return found && inviteOf(found);
  }

  async isInvited(email: string, now: Date): Promise<boolean> {
    return (
      (await this.ofAllWorkspaces.count(
        { email, expiresAt: trusted({ $gt: now }) } as QueryFilter<InviteDocument>,
        1,
      )) > 0
    );
  }

  eraseAll(owner: OwnerScope): Promise<number> {
    return this.documents.deleteAll(owner);
  }

  eraseOfEmail(email: string): Promise<number> {
    return this.ofAllWorkspaces.deleteAll({ email });
  }
}
