import type { OwnerScope } from '@flowmate/domain';
import { trusted, type QueryFilter } from 'mongoose';
import type { Database } from '../connection/database.js';
import { SystemDocuments } from '../documents/documents.js';
import { OwnedDocuments, type OwnedFilter } from '../documents/owned-documents.js';
import { membershipOf, type Membership } from '../memberships/membership.repository.js';
import { membershipId, MEMBERSHIPS, type MembershipDocument } from '../memberships/membership.schema.js';
import { knownUser, knownWorkspace, type KnownUser, type KnownWorkspace } from '../sessions/session.repository.js';
import { USERS, type UserDocument } from '../users/user.schema.js';
import { WORKSPACES, type WorkspaceDocument } from '../workspaces/workspace.schema.js';
import { API_KEYS, type ApiKeyDocument } from './api-key.schema.js';

export type ApiKey = Omit<ApiKeyDocument, '_id' | 'schemaVersion' | 'hash' | 'membershipId'> & { readonly id: string };

/** Everything that decides about a request with a key, read in one round trip. */
export interface KeyIdentity {
  readonly key: ApiKey;
  readonly user: KnownUser | undefined;
  readonly membership: Membership | undefined;
  readonly workspace: KnownWorkspace | undefined;
}

interface Joined extends ApiKeyDocument {
  readonly users: readonly UserDocument[];
  readonly memberships: readonly MembershipDocument[];
  readonly workspaces: readonly WorkspaceDocument[];
}

function keyOf(document: ApiKeyDocument): ApiKey {
  const { _id, schemaVersion, hash, membershipId: ofOwner, ...rest } = document;
  return { id: _id, ...rest };
}

const isLive = { revokedAt: trusted({ $exists: false }) } as const;

export class ApiKeyRepository {
  private readonly documents: OwnedDocuments<ApiKeyDocument>;
  /** For what comes before a workspace is known, and for what belongs to a person. */
  private readonly ofAllWorkspaces: SystemDocuments<ApiKeyDocument>;

  constructor(database: Database) {
    this.documents = new OwnedDocuments(database, API_KEYS);
    this.ofAllWorkspaces = new SystemDocuments(database, API_KEYS);
  }

  async create(owner: OwnerScope, key: Omit<ApiKey, 'workspaceId'>, hash: string): Promise<void> {
    const { id, ...rest } = key;
    const membership = membershipId(owner.workspaceId, key.ownerId);
    await this.documents.insert(owner, { _id: id, schemaVersion: 1, ...rest, membershipId: membership, hash });
  }

  async find(owner: OwnerScope, id: string): Promise<ApiKey | null> {
    const found = await this.documents.findOne(owner, { _id: id });
    return found && keyOf(found);
  }

  /** The latest first. Those that were revoked stay in the list. */
  async list(owner: OwnerScope, { before, limit }: { before?: string; limit: number }): Promise<ApiKey[]> {
    const filter = before === undefined ? {} : { _id: trusted({ $lt: before }) };
    return (await this.documents.list(owner, filter, { sort: { _id: -1 }, limit })).map(keyOf);
  }

  /** Those that open something at that moment. */
  countLive(owner: OwnerScope, now: Date, limit: number): Promise<number> {
    const ends = [{ expiresAt: trusted({ $exists: false }) }, { expiresAt: trusted({ $gt: now }) }];
    return this.documents.count(owner, { ...isLive, $or: ends } as OwnedFilter<ApiKeyDocument>, limit);
  }

  /** For the command line, whose caller owns the instance: there is no workspace to name. */
  async findUnscoped(id: string): Promise<ApiKey | null> {
    const found = await this.documents.findOneUnscoped({ _id: id });
    return found && keyOf(found);
  }

  /** By what the caller proves to hold, before anything else of him is known. */
  identityByHashUnscoped(hash: string): Promise<KeyIdentity | null> {
    return this.identityOf({ hash });
  }

  /** Of a key that its bearer has proven to hold before: whoever got a ticket with it. */
  identityUnscoped(id: string): Promise<KeyIdentity | null> {
    return this.identityOf({ _id: id });
  }

  /** Answers whether it was good until now. */
  revoke(owner: OwnerScope, id: string, at: Date): Promise<boolean> {
    return this.documents.update(owner, { _id: id, ...isLive }, { $set: { revokedAt: at } });
  }

  /** Those of a person who is not a member any more: they are not to come back with a new membership. */
  revokeOfMember({ workspaceId }: OwnerScope, ownerId: string, at: Date): Promise<number> {
    return this.ofAllWorkspaces.updateAll({ ownerId, workspaceId, ...isLive }, { $set: { revokedAt: at } });
  }

  /** Names the successor of a key and the end of its own time, once. */
  replace(owner: OwnerScope, id: string, { by, until }: { by: string; until: Date }): Promise<ApiKey | null> {
    const filter = { _id: id, ...isLive, replacedBy: trusted({ $exists: false }) };
    return this.documents
      .change(owner, filter, { $set: { replacedBy: by, expiresAt: until } })
      .then((found) => found && keyOf(found));
  }

  async used(owner: OwnerScope, id: string, at: Date): Promise<void> {
    await this.documents.update(owner, { _id: id }, { $max: { lastUsedAt: at } });
  }

  /** Answers how many were good until now. */
  revokeOfUser(ownerId: string, at: Date): Promise<number> {
    return this.ofAllWorkspaces.updateAll({ ownerId, ...isLive }, { $set: { revokedAt: at } });
  }

  eraseOfUser(userId: string): Promise<number> {
    return this.ofAllWorkspaces.deleteAll({ ownerId: userId });
  }

  eraseAll(owner: OwnerScope): Promise<number> {
    return this.documents.deleteAll(owner);
  }

  private async identityOf(filter: QueryFilter<ApiKeyDocument>): Promise<KeyIdentity | null> {
    const [found] = await this.ofAllWorkspaces.join<Joined>(filter, [
      { $lookup: { from: USERS.name, localField: 'ownerId', foreignField: '_id', as: 'users' } },
      { $lookup: { from: MEMBERSHIPS.name, localField: 'membershipId', foreignField: '_id', as: 'memberships' } },
      { $lookup: { from: WORKSPACES.name, localField: 'workspaceId', foreignField: '_id', as: 'workspaces' } },
    ]);
    if (!found) return null;
    const { users, memberships, workspaces, ...key } = found;
    return {
      key: keyOf(key),
      user: users[0] && knownUser(users[0]),
      membership: memberships[0] && membershipOf(memberships[0]),
      workspace: workspaces[0] && knownWorkspace(workspaces[0]),
    };
  }
}
