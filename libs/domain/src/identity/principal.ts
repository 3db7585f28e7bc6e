import type { OwnerScope } from '../owner-scope.js';
import type { Permission, Role } from './permission.js';
import type { Tier } from './tier.js';

interface Acting extends OwnerScope {
  /** Empty for an agent. */
  readonly userId: string;
  readonly email: string;
  /** The one that decides in this workspace. */
  readonly role: Role;
  readonly permissions: ReadonlySet<Permission>;
  readonly tier: Tier;
}

/** A person who signed in. */
export interface UserPrincipal extends Acting {
  readonly kind: 'user';
  readonly sessionId: string;
  readonly isAdmin: boolean;
}

/** A program with an API key of a person, in one workspace. */
export interface KeyPrincipal extends Acting {
  readonly kind: 'key';
  readonly keyId: string;
}

/** A worker that acts for a run. It has no permission at the HTTP surface. */
export interface AgentPrincipal extends Acting {
  readonly kind: 'agent';
}

/** Who asks, in which workspace, and what he may do there. It is also the scope of every query. */
export type Principal = UserPrincipal | KeyPrincipal | AgentPrincipal;
