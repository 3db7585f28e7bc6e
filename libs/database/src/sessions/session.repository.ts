import { trusted, type QueryFilter } from 'mongoose';
import type { Database } from '../connection/database.js';
import { SystemDocuments } from '../documents/documents.js';
import { membershipOf, type Membership } from '../memberships/membership.repository.js';
import { MEMBERSHIPS, type MembershipDocument } from '../memberships/membership.schema.js';
import { USERS, type UserDocument } from '../users/user.schema.js';
import { WORKSPACES, type WorkspaceDocument } from '../workspaces/workspace.schema.js';
import { SESSIONS, type SessionDocument } from './session.schema.js';

export type Session = Omit<SessionDocument, '_id' | 'schemaVersion'> & { readonly id: string };
type SessionEnd = NonNullable<SessionDocument['endReason']>;

/** What of a person decides about a request. */
export type KnownUser = Pick<
  UserDocument,
  'email' | 'role' | 'personalWorkspaceId' | 'sessionVersion' | 'disabledAt' | 'deletedAt'
> & { readonly id: string };
export type KnownWorkspace = Pick<WorkspaceDocument, 'tier' | 'deletedAt'> & { readonly id: string };

/** Everything that decides about a request of a session, read in one round trip. */
export interface SessionIdentity {
  readonly session: Pick<Session, 'id' | 'userId' | 'sessionVersion' | 'expiresAt' | 'endedAt'>;
  readonly user: KnownUser;
  readonly memberships: readonly Membership[];
  readonly workspaces: readonly KnownWorkspace[];
}

interface Joined extends SessionDocument {
  readonly users: readonly UserDocument[];
  readonly memberships: readonly MembershipDocument[];
  readonly workspaces: readonly WorkspaceDocument[];
}

const sessionOf = ({ _id, schemaVersion, ...rest }: SessionDocument): Session => ({ id: _id, ...rest });

export const knownUser = (user: UserDocument): KnownUser => ({
  id: user._id,
  email: user.email,
  role: user.role,
  personalWorkspaceId: user.personalWorkspaceId,
  sessionVersion: user.sessionVersion,
  disabledAt: user.disabledAt,
  deletedAt: user.deletedAt,
});

export const knownWorkspace = ({ _id, tier, deletedAt }: WorkspaceDocument): KnownWorkspace => ({
  id: _id,
  tier,
  deletedAt,
});

const isOpen = { endedAt: trusted({ $exists: false }) } as const;

/** Sessions belong to a person, not to a workspace: what a person asks for carries the person's id. */
export class SessionRepository {
  private readonly documents: SystemDocuments<SessionDocument>;

  constructor(database: Database) {
    this.documents = new SystemDocuments(database, SESSIONS);
  }

  async create({ id, ...session }: Session): Promise<void> {
    await this.documents.insert({ _id: id, schemaVersion: 1, ...session });
  }

  async find(id: string): Promise<Session | null> {
    const found = await this.documents.findOne({ _id: id });
    return found && sessionOf(found);
  }

  async identity(id: string): Promise<SessionIdentity | null> {
    const [found] = await this.documents.join<Joined>({ _id: id }, [
      { $lookup: { from: USERS.name, localField: 'userId', foreignField: '_id', as: 'users' } },
      { $lookup: { from: MEMBERSHIPS.name, localField: 'userId', foreignField: 'userId', as: 'memberships' } },
      {
        $lookup: {
          from: WORKSPACES.name,
          localField: 'memberships.workspaceId',
          foreignField: '_id',
          as: 'workspaces',
        },
      },
    ]);
    const [user] = found?.users ?? [];
    if (!found || !user) return null;
    const { _id, userId, sessionVersion, expiresAt, endedAt } = found;
    return {
      // No hash of a token is kept in memory, and nothing twice.
      session: { id: _id, userId, sessionVersion, expiresAt, ...(endedAt && { endedAt }) },
      user: knownUser(user),
      memberships: found.memberships.map(membershipOf),
      workspaces: found.workspaces.map(knownWorkspace),
    };
  }

  /** Puts one refresh token in the place of another, for the one who comes first. */
  rotate(
    id: string,
    from: string,
    next: { hash: string; at: Date; address: string; device: string },
  ): Promise<boolean> {
    const { hash, at, address, device } = next;
    return this.documents.update(
      { _id: id, refreshHash: from, ...isOpen },
      { $set: { refreshHash: hash, previousHash: from, rotatedAt: at, lastUsedAt: at, address, device } },
    );
  }

  async used(id: string, at: Date): Promise<void> {
    await this.documents.update({ _id: id }, { $max: { lastUsedAt: at } });
  }

  /** Those that can still be used, the latest first. */
  listOpen(userId: string, sessionVersion: number, now: Date): Promise<Session[]> {
    return this.list({ userId, sessionVersion, ...isOpen, expiresAt: trusted({ $gt: now }) });
  }

  /** Those that nobody has ended and no time has, also when they are worth nothing any more; the latest first. */
  listNotEnded(userId: string, now: Date): Promise<Session[]> {
    return this.list({ userId, ...isOpen, expiresAt: trusted({ $gt: now }) });
  }

  /** Answers whether it was this person's and still open. */
  end(userId: string, id: string, { at, reason }: { at: Date; reason: SessionEnd }): Promise<boolean> {
    return this.documents.update({ _id: id, userId, ...isOpen }, { $set: { endedAt: at, endReason: reason } });
  }

  endAll(userId: string, { at, reason }: { at: Date; reason: SessionEnd }): Promise<number> {
    return this.documents.updateAll({ userId, ...isOpen }, { $set: { endedAt: at, endReason: reason } });
  }

  eraseOfUser(userId: string): Promise<number> {
    return this.documents.deleteAll({ userId });
  }

  private async list(filter: object): Promise<Session[]> {
    const found = await this.documents.list(filter as QueryFilter<SessionDocument>, {
      sort: { _id: -1 },
      limit: LISTED,
    });
    return found.map(sessionOf);
  }
}

/** More devices nobody looks through. */
const LISTED = 200;
