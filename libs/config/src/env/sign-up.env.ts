import { IsIn } from 'class-validator';
import { FromEnv } from '../setting.js';
import { list, text } from '../setting-kinds.js';
import { IsAccountAddress, IsMailDomain } from '../validators.js';

export const SIGN_UP_POLICIES = ['open', 'invite', 'domains'] as const;

/** Who may become a user. The api decides with it, and the worker sends no links to others. */
export class SignUpEnv {
  static readonly title = 'Sign-up';

  static rules(env: SignUpEnv): Array<{ name: string; rule: string }> {
    return env.policy === 'domains' && env.domains.length === 0
      ? [{ name: 'SIGNUP_DOMAINS', rule: 'is required when SIGNUP is domains' }]
      : [];
  }

  @FromEnv('SIGNUP', {
    kind: text,
    doc: 'Who may sign up: `open` everybody, `invite` who was invited, `domains` also who has an address in SIGNUP_DOMAINS.',
    default: (production) => (production ? 'invite' : 'open'),
    defaultDoc: 'open, in production invite',
  })
  @IsIn(SIGN_UP_POLICIES)
  policy: (typeof SIGN_UP_POLICIES)[number];

  @FromEnv('SIGNUP_DOMAINS', {
    kind: list,
    doc: 'The domains of `SIGNUP=domains`, comma-separated and exact: a subdomain is another one.',
    default: [],
    example: 'example.com',
  })
  @IsMailDomain()
  domains: readonly string[];

  @FromEnv('ADMIN_EMAIL', {
    kind: text,
    doc: 'Who signs in with this address is admin of the instance, and may sign up whatever SIGNUP says.',
    example: 'admin@example.com',
  })
  @IsAccountAddress()
  adminEmail: string | undefined;
}
