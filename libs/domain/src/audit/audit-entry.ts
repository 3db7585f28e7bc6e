/** Everything that is ever written to an audit trail. A word stays what it means; a new thing gets a new word. */
export const AUDIT_ACTIONS = [
  'auth.link_requested',
  'auth.signed_in',
  'auth.sign_in_failed',
  'auth.refresh_reused',
  'auth.signed_out',
  'session.ended',
  'sessions.ended',
  'account.created',
  'account.linked',
  'account.deleted',
  'account.restored',
  'account.erased',
  'account.exported',
  'user.role_changed',
  'user.tier_changed',
  'user.disabled',
  'user.enabled',
  'workspace.created',
  'workspace.changed',
  'workspace.deleted',
  'workspace.restored',
  'workspace.erased',
  'workspace.exported',
  'member.invited',
  'member.invite_revoked',
  'member.joined',
  'member.role_changed',
  'member.removed',
  'member.left',
  'key.created',
  'key.used',
  'key.rotated',
  'key.revoked',
  'keys.revoked',
  'agent.created',
  'agent.changed',
  'agent.deleted',
  'run.ended',
  'tool.called',
  'runs.audited',
  'instance.locked',
  'instance.unlocked',
  'access.refused',
] as const;
export type AuditAction = (typeof AUDIT_ACTIONS)[number];

export const AUDIT_ACTORS = ['user', 'key', 'operator', 'system', 'anonymous'] as const;
export const AUDIT_OUTCOMES = ['done', 'refused', 'failed'] as const;

/** The trail of what belongs to no workspace: sign-ins, people, the instance itself. */
export const INSTANCE_TRAIL = 'instance';

/** Who did what, on what, from where, and what came of it. Never a secret, a token or what somebody wrote. */
export interface AuditEntry {
  /** A workspace's id, or {@link INSTANCE_TRAIL}. Each trail is a chain of its own. */
  readonly trail: string;
  readonly action: AuditAction;
  readonly actor: { readonly kind: (typeof AUDIT_ACTORS)[number]; readonly id?: string };
  /** `kind` is a noun of ours such as `user`, `session`, `key`, `workspace`, `route`. */
  readonly target?: { readonly kind: string; readonly id: string };
  readonly outcome: (typeof AUDIT_OUTCOMES)[number];
  readonly from?: { readonly address?: string; readonly userAgent?: string };
  /** Names and numbers of ours only. */
  readonly details?: Readonly<Record<string, string | number | boolean>>;
}

/** Where acts are recorded. Resolves when the entry is stored; what was acknowledged is in the trail. */
export interface AuditTrail {
  record(entry: AuditEntry): Promise<void>;
}
