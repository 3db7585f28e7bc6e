import { ConfigError } from '../config.error.js';
import { FromEnv } from '../setting.js';
import { secret, text } from '../setting-kinds.js';
import type { Secret } from '../secret.js';
import { IsKey256, IsStrongSecret, IsTokenName } from '../validators.js';

const HOW = 'Make one with: openssl rand -hex 32.';

/** What signs tokens. Only the api holds these. */
export class TokenSecretsEnv {
  static readonly title = 'Token secrets (api)';

  static rules(env: TokenSecretsEnv): Array<{ name: string; rule: string }> {
    const same = env.jwtSecret !== undefined && env.jwtSecret.reveal() === env.refreshSecret?.reveal();
    const still = env.jwtSecret !== undefined && env.jwtSecret.reveal() === env.jwtSecretPrevious?.reveal();
    return [
      ...(same ? [{ name: 'REFRESH_SECRET', rule: 'must differ from JWT_SECRET' }] : []),
      ...(still ? [{ name: 'JWT_SECRET_PREVIOUS', rule: 'must differ from JWT_SECRET' }] : []),
    ];
  }

  @FromEnv('JWT_SECRET', {
    kind: secret,
    doc: `Signs access tokens; at least 32 bytes. ${HOW}`,
    requiredInProduction: true,
  })
  @IsStrongSecret()
  jwtSecret: Secret | undefined;

  @FromEnv('JWT_SECRET_PREVIOUS', {
    kind: secret,
    doc: 'The JWT secret before the present one: what it signed is good until it expires, 15 minutes at most. Remove it after that.',
  })
  @IsStrongSecret()
  jwtSecretPrevious: Secret | undefined;

  @FromEnv('JWT_ISSUER', {
    kind: text,
    doc: 'Who signs access tokens, as they say it. Two installations that share a secret by mistake differ here.',
    default: 'flowmate',
  })
  @IsTokenName()
  jwtIssuer: string;

  @FromEnv('JWT_AUDIENCE', {
    kind: text,
    doc: 'For whom access tokens are, as they say it.',
    default: 'flowmate-api',
  })
  @IsTokenName()
  jwtAudience: string;

  @FromEnv('REFRESH_SECRET', {
    kind: secret,
    doc: `Keys the stored hashes of refresh tokens; at least 32 bytes, not the JWT secret. ${HOW}`,
    requiredInProduction: true,
  })
  @IsStrongSecret()
  refreshSecret: Secret | undefined;
}

/** What encrypts the tokens of connected accounts and mails, and chains the audit trail. Both processes hold it. */
export class EncryptionEnv {
  static readonly title = 'Encryption';

  static rules({
    integrationKey: key,
    integrationKeyPrevious: before,
  }: EncryptionEnv): Array<{ name: string; rule: string }> {
    const isStill = key !== undefined && key.reveal() === before?.reveal();
    return isStill ? [{ name: 'INTEGRATION_ENC_KEY_PREVIOUS', rule: 'must differ from INTEGRATION_ENC_KEY' }] : [];
  }

  @FromEnv('INTEGRATION_ENC_KEY', {
    kind: secret,
    doc: `Encrypts the tokens of connected accounts: 32 bytes as 64 hex digits or base64. ${HOW}`,
    requiredInProduction: true,
  })
  @IsKey256()
  integrationKey: Secret | undefined;

  @FromEnv('INTEGRATION_ENC_KEY_PREVIOUS', {
    kind: secret,
    doc: 'The encryption key before the present one: what was encrypted or signed with it is still read. docs/deployment.md tells when to remove it.',
  })
  @IsKey256()
  integrationKeyPrevious: Secret | undefined;
}

/** What of the settings names keys. */
export type EncryptionKeys = Pick<EncryptionEnv, 'integrationKey' | 'integrationKeyPrevious'>;

export interface IntegrationKeys {
  readonly current: string;
  readonly previous: readonly string[];
}

/** The key that is in use, and those before it, which only read. */
export function integrationKeys({ integrationKey, integrationKeyPrevious }: EncryptionKeys): IntegrationKeys {
  // Development makes one, and production does not start without one.
  if (!integrationKey) throw new ConfigError([{ name: 'INTEGRATION_ENC_KEY', rule: 'is not set' }]);
  return {
    current: integrationKey.reveal(),
    previous: integrationKeyPrevious ? [integrationKeyPrevious.reveal()] : [],
  };
}
