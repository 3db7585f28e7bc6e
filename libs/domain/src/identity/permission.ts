/**
 * Who somebody is. A person is `admin`, `manager` or `analyst`; `integration` and `service` exist only on API keys;
 * `agent` only for a worker that acts for a run, and has no business at the HTTP surface.
 */
export const ROLES = ['admin', 'manager', 'analyst', 'agent', 'integration', 'service'] as const;
export type Role = (typeof ROLES)[number];

/** What a person may be: on the instance, as a ceiling over everything. */
export const PERSON_ROLES = ['admin', 'manager', 'analyst'] as const satisfies readonly Role[];
export type PersonRole = (typeof PERSON_ROLES)[number];

/** What a person may be in one workspace. */
export const MEMBER_ROLES = ['manager', 'analyst'] as const satisfies readonly Role[];
export type MemberRole = (typeof MEMBER_ROLES)[number];

/** What an API key may be. */
export const KEY_ROLES = ['service', 'integration'] as const satisfies readonly Role[];
export type KeyRole = (typeof KEY_ROLES)[number];

interface PermissionRow {
  /** One sentence for people. */
  readonly means: string;
  readonly roles: readonly Role[];
}

/**
 * The one table of who may do what. The guards, `docs/permissions.md` and the test matrix over all routes are made
 * from it. An admin is also the manager of a workspace where he is one; nothing here lets him into those of others.
 */
export const PERMISSIONS = {
  'account:read': {
    means: 'read the own account and its permissions',
    roles: ['admin', 'manager', 'analyst', 'integration', 'service'],
  },
  'account:write': {
    means: 'export or delete the own account, join and leave workspaces',
    roles: ['admin', 'manager', 'analyst'],
  },
  'sessions:manage': { means: 'list and end the own sessions', roles: ['admin', 'manager', 'analyst'] },
  'streams:open': {
    means: 'get a ticket for a live stream',
    roles: ['admin', 'manager', 'analyst', 'service'],
  },
  'workspaces:read': {
    means: 'read a workspace',
    roles: ['admin', 'manager', 'analyst', 'service'],
  },
  'workspaces:create': { means: 'make a workspace', roles: ['admin', 'manager'] },
  'workspaces:manage': { means: 'change, export or delete a workspace', roles: ['manager'] },
  'members:read': { means: 'list members and invites', roles: ['manager', 'analyst', 'service'] },
  'members:manage': { means: 'invite, change and remove members', roles: ['manager'] },
  'keys:read': { means: 'list API keys', roles: ['manager', 'analyst'] },
  'keys:manage': { means: 'make, rotate and revoke API keys', roles: ['manager'] },
  'agents:read': {
    means: 'read agents, their versions and the tools that there are',
    roles: ['manager', 'analyst', 'service'],
  },
  'agents:write': { means: 'make, change and delete agents', roles: ['manager', 'service'] },
  'runs:read': { means: 'read and watch runs', roles: ['manager', 'analyst', 'service'] },
  'runs:control': { means: 'start, cancel, retry and review runs', roles: ['manager', 'service'] },
  'audit:read': { means: 'read what happened in a workspace', roles: ['manager', 'analyst', 'service'] },
  'users:read': { means: 'list the people of the instance', roles: ['admin'] },
  'users:manage': { means: 'change role and tier of people, disable them, end their sessions', roles: ['admin'] },
  'instance:read': { means: 'read the state and the audit trail of the instance', roles: ['admin'] },
} as const satisfies Record<string, PermissionRow>;

export type Permission = keyof typeof PERMISSIONS;

export const ALL_PERMISSIONS = Object.keys(PERMISSIONS) as readonly Permission[];

const OF_ROLE = new Map<Role, ReadonlySet<Permission>>(
  ROLES.map((role) => [
    role,
    new Set(ALL_PERMISSIONS.filter((permission) => (PERMISSIONS[permission].roles as readonly Role[]).includes(role))),
  ]),
);

export function permissionsOf(role: Role): ReadonlySet<Permission> {
  return OF_ROLE.get(role) ?? new Set();
}

/** What a person may do in a workspace: the role there, but never more than the ceiling, and what an admin may besides. */
export function permissionsOfMember(person: PersonRole, member: MemberRole): ReadonlySet<Permission> {
  const inWorkspace = permissionsOf(person === 'analyst' ? 'analyst' : member);
  return person === 'admin' ? new Set([...permissionsOf('admin'), ...inWorkspace]) : inWorkspace;
}

/** What a key may do: its scopes, as far as its role goes, and as its owner may at this moment. */
export function permissionsOfKey(
  role: KeyRole,
  scopes: readonly Permission[],
  owner: ReadonlySet<Permission>,
): ReadonlySet<Permission> {
  const ofRole = permissionsOf(role);
  return new Set(scopes.filter((scope) => ofRole.has(scope) && owner.has(scope)));
}
