/** Who may make an account. */
export interface SignUpPolicy {
  readonly policy: 'open' | 'invite' | 'domains';
  /** For `domains`: what stands behind the @. */
  readonly domains: readonly string[];
  /** Becomes the admin when there is none, and may always sign up for that. */
  readonly adminEmail: string | undefined;
}

/** Whether an address may make an account. Who has an account, or an invitation, needs no such permission. */
export function admits({ policy, domains, adminEmail }: SignUpPolicy, email: string): boolean {
  if (policy === 'open' || email === adminEmail) return true;
  return policy === 'domains' && domains.includes(email.slice(email.lastIndexOf('@') + 1));
}
