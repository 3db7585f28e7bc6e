import { tokenHash } from '@flowmate/crypto';
import type {
  ApiKeyRepository,
  KeyIdentity,
  SessionIdentity,
  SessionRepository,
  StreamTicket,
} from '@flowmate/database';
import {
  permissionsOfKey,
  permissionsOfMember,
  ResourceNotFoundError,
  type KeyPrincipal,
  type Principal,
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
/** Who shares an address with a flood works on: a key that was good within this is looked up again in any case. */
const GOOD_MS = 3_600_000;
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
  private readonly goodKeys: FreshCache<void>;
  // What was made of an answer of the store lives as long as that answer.
  private readonly principals = new WeakMap<SessionIdentity, Map<string, UserPrincipal>>();
  private readonly keyPrincipals = new WeakMap<KeyIdentity, KeyPrincipal>();
  private readonly noted = new FreshCache<void>({ freshMs: USED_EVERY_MS, maxEntries: MAX_ENTRIES });

  constructor(private readonly parts: CallerParts) {
    const options = {
      freshMs: FRESH_MS,
      maxEntries: MAX_ENTRIES,
      ...(parts.monotonic && { monotonic: parts.monotonic }),
    };
    this.sessions = new FreshCache(options);
    this.keys = new FreshCache(options);
    this.goodKeys = new FreshCache({ ...options, freshMs: GOOD_MS });
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
    const wanted = workspaceId ?? identity.user.personalWorkspaceId;
    const known = this.principals.get(identity)?.get(wanted);
    return known ?? this.inWorkspace(identity, wanted);
  }

  /**
   * Throws {@link ApiKeyInvalidError}, whatever is wrong with the key. `mayLookUp` is asked before the store is, for a
   * key that this process has not seen in the last five seconds, nor found good in the last hour.
   */
  async ofKey(secret: string, workspaceId?: string, mayLookUp: () => boolean = () => true): Promise<KeyPrincipal> {
    if (!API_KEY_PATTERN.test(secret)) throw new ApiKeyInvalidError();
    const hash = tokenHash(secret);
    const isFresh = this.keys.has(hash);
    if (!isFresh && !this.goodKeys.has(hash) && !mayLookUp()) throw new ApiKeyInvalidError();
    const identity = await this.keys.get(hash, () => this.parts.keys.identityByHashUnscoped(hash));
    const principal = identity && this.principalOf(identity);
    if (!isFresh) this.goodKeys.forget(hash);
    if (!principal) throw new ApiKeyInvalidError();
    void this.goodKeys.get(hash, () => Promise.resolve());
    if (workspaceId !== undefined && workspaceId !== principal.workspaceId) throw new ResourceNotFoundError();
    this.note(`k${principal.keyId}`, (now) => this.parts.keys.used(principal, principal.keyId, now));
    return principal;
  }

  /** Of whom it is known already which session or key he came with. `undefined`: it is worth nothing any more. */
  async ofBearer({ kind, id }: StreamTicket['bearer'], workspaceId: string): Promise<Principal | undefined> {
    if (kind === 'key') {
      const identity = await this.keys.get(`id ${id}`, () => this.parts.keys.identityUnscoped(id));
      const principal = identity && this.principalOf(identity);
      return principal?.workspaceId === workspaceId ? principal : undefined;
    }
    const identity = await this.sessions.get(id, () => this.parts.sessions.identity(id));
    if (!identity) return undefined;
    const { userId, sessionVersion } = identity.session;
    return this.ofSession({ sessionId: id, userId, sessionVersion }, workspaceId);
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

  private inWorkspace(identity: SessionIdentity, workspaceId: string): UserPrincipal {
    const { session, user } = identity;
    const membership = identity.memberships.find((one) => one.workspaceId === workspaceId);
    const workspace = identity.workspaces.find((one) => one.id === workspaceId);
    if (!membership || !workspace || workspace.deletedAt) throw new ResourceNotFoundError();
    const principal: UserPrincipal = {
      kind: 'user',
      userId: user.id,
      email: user.email,
      sessionId: session.id,
      workspaceId,
      role: user.role === 'analyst' ? 'analyst' : membership.role,
      isAdmin: user.role === 'admin',
      permissions: permissionsOfMember(user.role, membership.role),
      tier: workspace.tier,
    };
    const ofIdentity = this.principals.get(identity) ?? new Map<string, UserPrincipal>();
    this.principals.set(identity, ofIdentity.set(workspaceId, principal));
    return principal;
  }

  private principalOf(identity: KeyIdentity): KeyPrincipal | undefined {
    if (isExpired(identity.key, this.parts.clock())) return undefined;
    const known = this.keyPrincipals.get(identity) ?? keyPrincipal(identity);
    if (known) this.keyPrincipals.set(identity, known);
    return known;
  }

  private note(key: string, write: (now: Date) => Promise<void>): void {
    void this.noted.get(key, () => write(this.parts.clock())).catch(this.parts.onError);
  }
}

function keyPrincipal({ key, user, membership, workspace }: KeyIdentity): KeyPrincipal | undefined {
  const isGone = !user || !membership || !workspace || user.disabledAt || user.deletedAt || workspace.deletedAt;
  if (isGone || key.revokedAt) return undefined;
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
