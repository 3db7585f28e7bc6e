import { IsOptional } from 'class-validator';
import type { Secret } from '../secret.js';
import { FromEnv } from '../setting.js';
import { list, secret, text } from '../setting-kinds.js';
import { IsHttpUrl, IsRoleMapping, IsTokenName } from '../validators.js';

/** Sign-in at an OpenID provider, beside the link by mail. All three of the first settings, or none. */
export class OidcEnv {
  static readonly title = 'OpenID Connect (api)';

  static rules(env: OidcEnv, production: boolean): Array<{ name: string; rule: string }> {
    const parts = {
      OIDC_ISSUER_URL: env.issuerUrl,
      OIDC_CLIENT_ID: env.clientId,
      OIDC_CLIENT_SECRET: env.clientSecret,
    };
    const names = Object.keys(parts) as Array<keyof typeof parts>;
    const missing = names.filter((name) => parts[name] === undefined);
    const half = missing.length < names.length ? missing : [];
    const isPlain = production && env.issuerUrl?.startsWith('http:') === true;
    return [
      ...half.map((name) => ({ name, rule: 'is required when the others of OIDC_* are set' })),
      ...(isPlain ? [{ name: 'OIDC_ISSUER_URL', rule: 'must be https in production' }] : []),
      ...(env.roles.length > 0 && env.roleClaim === undefined
        ? [{ name: 'OIDC_ROLE_CLAIM', rule: 'is required when OIDC_ROLES is set' }]
        : []),
    ];
  }

  @FromEnv('OIDC_ISSUER_URL', {
    kind: text,
    doc: 'The provider, found by discovery: Keycloak’s is its address with `/realms/` and the realm. Without it there is no such sign-in.',
    example: 'https://keycloak.example.com/realms/flowmate',
  })
  @IsOptional()
  @IsHttpUrl()
  issuerUrl: string | undefined;

  @FromEnv('OIDC_CLIENT_ID', {
    kind: text,
    doc: 'This instance, as the provider knows it. Its redirect address there is PUBLIC_APP_URL with `/api/v1/auth/oidc/callback`.',
    example: 'flowmate',
  })
  @IsOptional()
  @IsTokenName()
  clientId: string | undefined;

  @FromEnv('OIDC_CLIENT_SECRET', {
    kind: secret,
    doc: 'The secret that the provider gave out for it.',
    example: 'the-secret-of-the-provider',
  })
  clientSecret: Secret | undefined;

  @FromEnv('OIDC_ROLE_CLAIM', {
    kind: text,
    doc: 'The claim that holds a person’s roles at the provider, with dots for what is inside another. Looked at in every sign-in.',
    example: 'realm_access.roles',
  })
  @IsOptional()
  @IsTokenName()
  roleClaim: string | undefined;

  @FromEnv('OIDC_ROLES', {
    kind: list,
    doc: 'What roles at the provider are here: `theirs=ours`, ours being admin, manager or analyst. The highest counts; with admin among them, an admin whose claim names none is none any more.',
    default: [],
    example: 'flowmate-admins=admin,staff=manager',
  })
  @IsRoleMapping()
  roles: readonly string[];
}
