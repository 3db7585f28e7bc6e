import { randomToken, tokenHash } from '@flowmate/crypto';
import type { ApiKey, ApiKeyRepository } from '@flowmate/database';
import {
  INSTANCE_TRAIL,
  InvalidInputError,
  newId,
  permissionsOf,
  permissionsOfKey,
  ResourceNotFoundError,
  type AuditEntry,
  type AuditTrail,
  type KeyRole,
  type OwnerScope,
  type Permission,
  type Principal,
} from '@flowmate/domain';
import type { Clock } from '../clock.js';
import { ForbiddenScopeError, QuotaExceededError } from '../identity.errors.js';

const API_KEY_PREFIX = 'fm_live_';
export const API_KEY_PATTERN = /^fm_live_[A-Za-z0-9_-]{43}$/;
/** More than anybody can keep in mind; a list of them fits on a page. */
const MAX_LIVE = 50;
/** Each may have its successor beside it. */
const MAX_WITH_SUCCESSORS = 2 * MAX_LIVE;
const HINT_LENGTH = 4;
/** How long a key and its successor are both good: a deployment takes less than a day. */
const OVERLAP_MS = 86_400_000;

export interface NewApiKey {
  readonly name: string;
  readonly role: KeyRole;
  readonly scopes: readonly Permission[];
  readonly expiresAt?: Date;
}

/** A key, and the only time that it is seen. */
export interface MadeApiKey {
  readonly key: ApiKey;
  readonly secret: string;
}

export interface ApiKeyParts {
  readonly keys: ApiKeyRepository;
  readonly audit: AuditTrail;
  readonly clock: Clock;
}

type By = Pick<AuditEntry, 'actor' | 'from'>;

/** Keys of people for programs. A key never does more than its owner, and makes no keys. */
export class ApiKeyService {
  constructor(private readonly parts: ApiKeyParts) {}

  list(owner: OwnerScope, page: { before?: string; limit: number }): Promise<ApiKey[]> {
    return this.parts.keys.list(owner, page);
  }

  async create(principal: Principal, wanted: NewApiKey, by: By): Promise<MadeApiKey> {
    const allowed = permissionsOfKey(wanted.role, wanted.scopes, principal.permissions);
    if (wanted.scopes.some((scope) => !allowed.has(scope))) throw new ForbiddenScopeError();
    const now = this.parts.clock();
    if (wanted.expiresAt && wanted.expiresAt <= now)
      throw new InvalidInputError([{ path: 'expiresAt', rule: 'future', message: 'must be in the future' }]);
    await this.refuseTooMany(principal, MAX_LIVE);
    const made = await this.make(principal, { ...wanted, ownerId: principal.userId });
    // Of many that are made at once none is one too many.
    await this.refuseTooMany(principal, MAX_LIVE + 1).catch(async (error: unknown) => {
      await this.parts.keys.revoke(principal, made.key.id, now);
      throw error;
    });
    await this.record('key.created', made.key, by);
    return made;
  }

  /** A new key with the same rights; the old one is good for another day, so that nothing stands still. */
  async rotate(principal: Principal, id: string, by: By): Promise<MadeApiKey> {
    const { keys, clock } = this.parts;
    const old = await keys.find(principal, id);
    const now = clock();
    if (!old || old.revokedAt || old.replacedBy || isExpired(old, now)) throw new ResourceNotFoundError();
    const allowed = permissionsOfKey(old.role, old.scopes, principal.permissions);
    if (old.scopes.some((scope) => !allowed.has(scope))) throw new ForbiddenScopeError();
    await this.refuseTooMany(principal, MAX_WITH_SUCCESSORS);
    const { name, role, scopes, expiresAt } = old;
    const made = await this.make(principal, { name, role, scopes, expiresAt, ownerId: principal.userId });
    const until = new Date(Math.min(now.getTime() + OVERLAP_MS, expiresAt?.getTime() ?? Infinity));
    if (!(await keys.replace(principal, id, { by: made.key.id, until }))) {
      await keys.revoke(principal, made.key.id, now);
      throw new ResourceNotFoundError();
    }
    await this.record('key.rotated', old, by, { replacedBy: made.key.id });
    return made;
  }

  async revoke(owner: OwnerScope, id: string, by: By): Promise<void> {
    if (!(await this.parts.keys.revoke(owner, id, this.parts.clock()))) throw new ResourceNotFoundError();
    await this.record('key.revoked', { workspaceId: owner.workspaceId, id }, by);
  }

  private async refuseTooMany(owner: OwnerScope, max: number): Promise<void> {
    if ((await this.parts.keys.countLive(owner, this.parts.clock(), max)) >= max) throw new QuotaExceededError();
  }

  /** All keys of a person, in every workspace: for when nobody knows who else holds one. */
  async revokeAllOf(userId: string, by: By): Promise<void> {
    const count = await this.parts.keys.revokeOfUser(userId, this.parts.clock());
    const act = { action: 'keys.revoked', target: { kind: 'user', id: userId }, outcome: 'done' } as const;
    if (count > 0) await this.parts.audit.record({ trail: INSTANCE_TRAIL, ...by, ...act, details: { count } });
  }

  private async make(
    owner: OwnerScope,
    { expiresAt, ...wanted }: NewApiKey & { ownerId: string },
  ): Promise<MadeApiKey> {
    const createdAt = this.parts.clock();
    const secret = `${API_KEY_PREFIX}${randomToken()}`;
    const key = {
      id: newId(createdAt.getTime()),
      ...wanted,
      ...(expiresAt && { expiresAt }),
      hint: secret.slice(-HINT_LENGTH),
      createdAt,
    };
    await this.parts.keys.create(owner, key, tokenHash(secret));
    return { key: { ...key, workspaceId: owner.workspaceId }, secret };
  }

  private record(
    action: 'key.created' | 'key.rotated' | 'key.revoked',
    { workspaceId, id }: Pick<ApiKey, 'workspaceId' | 'id'>,
    by: By,
    details: Readonly<Record<string, string>> = {},
  ): Promise<void> {
    const target = { kind: 'key', id };
    return this.parts.audit.record({ trail: workspaceId, outcome: 'done', ...by, action, target, details });
  }
}

export function isExpired({ expiresAt }: Pick<ApiKey, 'expiresAt'>, now: Date): boolean {
  return expiresAt !== undefined && expiresAt <= now;
}

/** What a key of this role may be given at most. */
export function scopesOf(role: KeyRole): Permission[] {
  return [...permissionsOf(role)];
}
