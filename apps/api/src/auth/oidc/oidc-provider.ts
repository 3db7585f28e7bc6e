import * as client from 'openid-client';
import { ConfigError, type AppEnv, type EgressEnv, type OidcEnv } from '@flowmate/config';
import { egressFromEnv, type EgressClient } from '@flowmate/egress';
import { OidcProviderError, OidcStateInvalidError } from './oidc.errors.js';

/** What the provider says of itself changes rarely; a change is noticed within this. */
const DISCOVERY_MS = 600_000;
const TIMEOUT_SECONDS = 10;

export interface OidcChallenge {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

export interface OidcPerson {
  readonly issuer: string;
  readonly subject: string;
  readonly email: string | undefined;
  readonly isVerified: boolean;
  readonly claims: Readonly<Record<string, unknown>>;
}

interface Settings {
  readonly issuer: URL;
  readonly clientId: string;
  readonly secret: string;
  readonly isPlain: boolean;
}

/** Errors of the library that mean: this answer is not to the question that was asked. */
const FORGED = new Set([
  'OAUTH_INVALID_RESPONSE',
  'OAUTH_JWT_CLAIM_COMPARISON_FAILED',
  'OAUTH_JWT_TIMESTAMP_CHECK_FAILED',
]);

/** One provider, as found by discovery. Every check of the protocol is the library's; this says which ones. */
export class OidcProvider {
  private known: { readonly metadata: client.ServerMetadata; readonly until: number } | undefined;
  private asking: Promise<client.ServerMetadata> | undefined;

  private constructor(
    private readonly settings: Settings,
    private readonly egress: EgressClient,
  ) {}

  static fromEnv(setup: { app: AppEnv; egress: EgressEnv; oidc: OidcEnv }): OidcProvider | undefined {
    const { issuerUrl, clientId, clientSecret } = setup.oidc;
    if (issuerUrl === undefined || clientId === undefined || clientSecret === undefined) return undefined;
    const issuer = new URL(issuerUrl);
    const isPlain = issuer.protocol === 'http:';
    if (isPlain && setup.app.isProduction)
      throw new ConfigError([{ name: 'OIDC_ISSUER_URL', rule: 'must be https in production' }]);
    const egress = egressFromEnv({ app: setup.app, egress: setup.egress, trusted: [issuer.origin] });
    return new OidcProvider({ issuer, clientId, secret: clientSecret.reveal(), isPlain }, egress);
  }

  async authorizationUrl({ state, nonce, verifier }: OidcChallenge, redirectUri: string): Promise<URL> {
    const configuration = await this.configuration();
    return client.buildAuthorizationUrl(configuration, {
      redirect_uri: redirectUri,
      scope: 'openid email profile',
      response_type: 'code',
      state,
      nonce,
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    });
  }

  /**
   * Who came back; `isLacking` says what else has to be asked for. The code is exchanged only for the challenge that sent him, and only at the
   * provider that was asked.
   */
  async person(
    callback: URL,
    { state, nonce, verifier }: OidcChallenge,
    isLacking: (claims: Claims) => boolean,
  ): Promise<OidcPerson> {
    const configuration = await this.configuration();
    try {
      const tokens = await client.authorizationCodeGrant(configuration, callback, {
        pkceCodeVerifier: verifier,
        expectedState: state,
        expectedNonce: nonce,
        idTokenExpected: true,
      });
      const claims = tokens.claims();
      if (!claims) throw new Error('The provider sent no ID token.');
      const isVouched = claims['email'] !== undefined && claims['email_verified'] !== undefined;
      if (isVouched && !isLacking(claims)) return personOf(claims, claims);
      const hasMore = configuration.serverMetadata().userinfo_endpoint !== undefined;
      const more = hasMore ? await client.fetchUserInfo(configuration, tokens.access_token, claims.sub) : {};
      return personOf({ ...more, ...claims }, isVouched ? claims : more);
    } catch (error) {
      throw isForged(error) ? new OidcStateInvalidError({}, { cause: error }) : new OidcProviderError(error);
    }
  }

  close(): Promise<void> {
    return this.egress.close();
  }

  /** Made anew each time: the library keeps the provider's keys with it, and a key may be a minute old. */
  private async configuration(): Promise<client.Configuration> {
    const { clientId, secret, isPlain } = this.settings;
    const metadata = await this.discover();
    const configuration = new client.Configuration(metadata, clientId, secret);
    configuration.timeout = TIMEOUT_SECONDS;
    configuration[client.customFetch] = this.egress.fetch as client.CustomFetch;
    // The ID token comes over a connection of ours, but is worth nothing without the provider's signature all the same.
    client.enableNonRepudiationChecks(configuration);
    if (isPlain) client.allowInsecureRequests(configuration);
    return configuration;
  }

  /** All who sign in at once wait for one question: a provider that is slow is not asked more for it. */
  private discover(): Promise<client.ServerMetadata> {
    if (this.known && performance.now() < this.known.until) return Promise.resolve(this.known.metadata);
    this.asking ??= this.ask().finally(() => (this.asking = undefined));
    return this.asking;
  }

  private async ask(): Promise<client.ServerMetadata> {
    const { issuer, clientId, secret, isPlain } = this.settings;
    try {
      const found = await client.discovery(issuer, clientId, secret, undefined, {
        timeout: TIMEOUT_SECONDS,
        [client.customFetch]: this.egress.fetch as client.CustomFetch,
        ...(isPlain && { execute: [client.allowInsecureRequests] }),
      });
      const metadata = found.serverMetadata();
      this.known = { metadata, until: performance.now() + DISCOVERY_MS };
      return metadata;
    } catch (error) {
      throw new OidcProviderError(error);
    }
  }
}

type Claims = Readonly<Record<string, unknown>>;

/** The address and the word for it come from one place: nobody vouches for an address that stands elsewhere. */
function personOf(claims: Claims, vouched: Claims): OidcPerson {
  const { iss, sub } = claims;
  const { email, email_verified: verified } = vouched;
  return {
    issuer: String(iss),
    subject: String(sub),
    email: typeof email === 'string' ? email : undefined,
    // Some providers write it as a text; anything but a clear yes is a no.
    isVerified: verified === true || verified === 'true',
    claims,
  };
}

function isForged(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && FORGED.has(String(error.code));
}
