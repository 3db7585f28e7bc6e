import { Injectable } from '@nestjs/common';
import { AuditLog } from '@flowmate/audit';
import type { AuditEntry, DomainError, KeyPrincipal, Principal } from '@flowmate/domain';
import { ForbiddenScopeError, InstanceLockedError, Lockdown } from '@flowmate/identity';
import { Logger } from '@flowmate/observability';
import type { HttpRequest } from '../http/http.types.js';
import { RecentKeys } from '../rate-limit/recent-keys.js';
import { ForbiddenRoleError } from './auth.errors.js';
import { byPrincipal } from './by.js';
import { SameOrigin } from './same-origin.js';

/** Keys and addresses of some 60 bytes each. */
const MAX_USES = 20_000;
const USE_MS = 60_000;

/** What stands in the way of callers who are known. */
@Injectable()
export class AccessGates {
  private readonly uses = new RecentKeys<number>(MAX_USES);

  constructor(
    private readonly sameOrigin: SameOrigin,
    private readonly lockdown: Lockdown,
    private readonly audit: AuditLog,
    private readonly logger: Logger,
  ) {}

  /** Browsers send cookies by themselves, so those callers must show whose page they come from. */
  async beforeChange(request: HttpRequest, principal: Principal, isOpenWhenLocked: boolean): Promise<void> {
    if (request.state?.isByCookie === true) this.sameOrigin.require(request);
    const isAdmin = principal.kind === 'user' && principal.isAdmin;
    if (!isAdmin && !isOpenWhenLocked && (await this.lockdown.isOn())) throw new InstanceLockedError();
  }

  /** That a key is in use, and from where: once an hour for each, and the trail is asked about it once a minute. */
  keyUsed(request: HttpRequest, principal: KeyPrincipal): void {
    const use = `${principal.keyId} ${request.ip}`;
    const now = performance.now();
    if ((this.uses.get(use) ?? 0) > now) return;
    this.uses.set(use, now + USE_MS);
    this.note({
      trail: principal.workspaceId,
      action: 'key.used',
      ...byPrincipal(principal, request),
      outcome: 'done',
    });
  }

  /** Refusals are reviewed by people, not waited for by callers. */
  refused(request: HttpRequest, principal: Principal): DomainError {
    const route = request.state?.route ?? '';
    this.note({
      trail: principal.workspaceId,
      action: 'access.refused',
      ...byPrincipal(principal, request),
      target: { kind: 'route', id: `${request.method} ${route}` },
      outcome: 'refused',
    });
    return principal.kind === 'key' ? new ForbiddenScopeError() : new ForbiddenRoleError();
  }

  private note(entry: AuditEntry): void {
    void this.audit
      .recordSometimes(entry)
      .catch((error: unknown) => this.logger.error('an act could not be recorded', error));
  }
}
