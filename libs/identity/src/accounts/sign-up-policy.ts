/** Who may make an account. */
export interface SignUpPolicy {
  readonly mode: 'open' | 'invite' | 'domains';
  /** For `domains`: what stands behind the @. */
  readonly domains: readonly string[];
  /** Becomes the admin when there is none, and may always sign up for that. */
  readonly adminEmail: string | undefined;
  /** In development, whoever comes first is the admin; never in production. */
  readonly isFirstAdmin: boolean;
}

/** Whether an address may make an account. Who has an account, or an invitation, needs no such permission. */
export function admits({ mode, domains, adminEmail }: SignUpPolicy, email: string): boolean {
  if (mode === 'open' || email === adminEmail) return true;
  return mode === 'domains' && domains.includes(email.slice(email.lastIndexOf('@') + 1));
}
