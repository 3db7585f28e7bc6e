import type { AuditEntry, Principal } from '@flowmate/domain';
import type { Device } from '@flowmate/identity';
import type { HttpRequest } from '../http/http.types.js';

/** Where a request comes from, as far as anybody can tell. */
export function deviceOf(request: HttpRequest): Device {
  return { address: request.ip, userAgent: request.headers['user-agent'] ?? '' };
}

/** Who acts, and from where: the first half of every entry in the audit trail. */
export function byPrincipal(principal: Principal, request: HttpRequest): Required<Pick<AuditEntry, 'actor' | 'from'>> {
  const actor =
    principal.kind === 'key'
      ? { kind: 'key' as const, id: principal.keyId }
      : { kind: 'user' as const, id: principal.userId };
  return { actor, from: deviceOf(request) };
}
