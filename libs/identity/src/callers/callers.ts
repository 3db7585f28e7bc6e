import { tokenHash } from '@flowmate/crypto';
import type { ApiKeyRepository, KeyIdentity, SessionIdentity, SessionRepository } from '@flowmate/database';
import {
  permissionsOfKey,
  permissionsOfMember,
  ResourceNotFoundError,
  type KeyPrincipal,
  type UserPrincipal,
} from '@flowmate/domain';
import type { Clock } from '../clock.js';
import { ApiKeyInvalidError } from '../identity.errors.js';
import { API_KEY_PATTERN, isExpired } from '../keys/api-key.service.js';
import { FreshCache } from './fresh-cache.js';

/** A change of rights is felt within this; it is also how often a session costs a question to the store. */
const FRESH_MS = 5_000;
/** About 2 KB each; more callers than this at once cost a read more each. */
const MAX_ENTRIES = 20_000;
/** "Last used" is for people: to the minute is good enough, and a write per request is not. */
const USED_EVERY_MS = 60_000;

export interface CallerParts {
  readonly sessions: SessionRepository;
  readonly keys: ApiKeyRepository;
  readonly clock: Clock;
  readonly monotonic?: () => number;
  /** For a note that could not be taken; nobody waits for one. */
  readonly onError: (error: unknown) => void;
}

/** What an access token says of its bearer. */
export interface SessionClaims {
  readonly userId: string;
  readonly sessionId: string;
  readonly sessionVersion: number;
}

/** Who a caller is at this moment, and what he may do in which workspace. */
export class Callers {
  private readonly sessions: FreshCache<SessionIdentity | null>;
  private readonly keys: FreshCache<KeyIdentity | null>;
  private readonly noted = new FreshCache<void>({ freshMs: USED_EVERY_MS, maxEntries: MAX_ENTRIES });

  constructor(private readonly parts: CallerParts) {
    const options = {
      freshMs: FRESH_MS,
      maxEntries: MAX_ENTRIES,
      ...(parts.monotonic && { monotonic: parts.monotonic }),
    };
    this.sessions = new FreshCache(options);
    this.keys = new FreshCache(options);
  }

  /**
   * `undefined`: the session is over. A workspace that is not the person's is {@link ResourceNotFoundError}; none
   * means the personal one.
   */
  async ofSession(claims: SessionClaims, workspaceId?: string): Promise<UserPrincipal | undefined> {
    const { sessionId } = claims;
    const identity = await this.sessions.get(sessionId, () => this.parts.sessions.identity(sessionId));
    if (!identity || !this.isAlive(identity, claims)) return undefined;
    this.note(`s${sessionId}`, (now) => this.parts.sessions.used(sessionId, now));
    const { user } = identity;
    const wanted = workspaceId ?? user.personalWorkspaceId;
    const membership = identity.memberships.find((one) => one.workspaceId === wanted);
    const workspace = identity.workspaces.find((one) => one.id === wanted);
    if (!membership || !workspace || workspace.deletedAt) throw new ResourceNotFoundError();
    return {
      kind: 'user',
      userId: user.id,
      email: user.email,
      sessionId,
      workspaceId: wanted,
      role: user.role === 'analyst' ? 'analyst' : membership.role,
      isAdmin: user.role === 'admin',
      permissions: permissionsOfMember(user.role, membership.role),
      tier: workspace.tier,
    };
  }

  /** Throws {@link ApiKeyInvalidError}, whatever is wrong with the key. */
  async ofKey(secret: string, workspaceId?: string): Promise<KeyPrincipal> {
    if (!API_KEY_PATTERN.test(secret)) throw new ApiKeyInvalidError();
    const hash = tokenHash(secret);
    const identity = await this.keys.get(hash, () => this.parts.keys.identityByHashUnscoped(hash));
    const principal = identity && this.principalOf(identity);
    if (!principal) throw new ApiKeyInvalidError();
    if (workspaceId !== undefined && workspaceId !== principal.workspaceId) throw new ResourceNotFoundError();
    this.note(`k${principal.keyId}`, (now) => this.parts.keys.used(principal, principal.keyId, now));
    return principal;
  }

  /** Whether this process looked it up in the last five seconds, so that it costs nothing to ask again. */
  knowsKey(secret: string): boolean {
    return this.keys.has(tokenHash(secret));
  }

  /** Felt at once in this process; the others notice within five seconds. */
  forgetSession(sessionId: string): void {
    this.sessions.forget(sessionId);
  }

  private isAlive({ session, user }: SessionIdentity, claims: SessionClaims): boolean {
    return (
      !session.endedAt &&
      session.expiresAt > this.parts.clock() &&
      session.userId === claims.userId &&
      user.sessionVersion === claims.sessionVersion &&
      session.sessionVersion === claims.sessionVersion &&
      !user.disabledAt &&
      !user.deletedAt
    );
  }

  private principalOf({ key, user, membership, workspace }: KeyIdentity): KeyPrincipal | undefined {
    const isGone = !user || !membership || !workspace || user.disabledAt || user.deletedAt || workspace.deletedAt;
    if (isGone || key.revokedAt || isExpired(key, this.parts.clock())) return undefined;
    const ofOwner = permissionsOfMember(user.role, membership.role);
    return {
      kind: 'key',
      keyId: key.id,
      userId: user.id,
      email: user.email,
      workspaceId: key.workspaceId,
      role: key.role,
      permissions: permissionsOfKey(key.role, key.scopes, ofOwner),
      tier: workspace.tier,
    };
  }

  private note(key: string, write: (now: Date) => Promise<void>): void {
    void this.noted.get(key, () => write(this.parts.clock())).catch(this.parts.onError);
  }
}
