import { Injectable } from '@nestjs/common';
import { derivedKey, randomToken, seal, tokenHash, unseal } from '@flowmate/crypto';
import { OidcFlowRepository, UserRepository } from '@flowmate/database';
import { emailAddress, INSTANCE_TRAIL, type AuditTrail } from '@flowmate/domain';
import { AccountService, SessionService, type Device, type OpenedSession } from '@flowmate/identity';
import { RouteNotFoundError } from '../../http/http.errors.js';
import { OidcDeniedError, OidcEmailUnverifiedError, OidcStateInvalidError } from './oidc.errors.js';
import type { OidcChallenge, OidcPerson, OidcProvider } from './oidc-provider.js';
import type { OidcRoles } from './oidc-roles.js';

/** As long as anybody looks for a password. */
export const FLOW_MS = 600_000;
const TOKEN = /^[A-Za-z0-9_-]{43}$/;

export interface OidcParts {
  readonly provider: OidcProvider | undefined;
  readonly roles: OidcRoles;
  readonly flows: OidcFlowRepository;
  readonly users: UserRepository;
  readonly accounts: AccountService;
  readonly sessions: SessionService;
  readonly audit: AuditTrail;
  /** What keeps nonce and verifier unreadable in the store. */
  readonly secret: string;
  /** The one address that the provider sends people back to. */
  readonly redirectUri: string;
  readonly clock: () => Date;
}

/** What comes back from the provider, as the browser brings it. */
export interface OidcReturn {
  readonly state: string | undefined;
  readonly error: string | undefined;
  /** The whole query. */
  readonly query: string;
  /** Of the browser's cookie. */
  readonly binding: string | undefined;
}

/** Signing in at an OpenID provider, from the first step to the session. */
@Injectable()
export class OidcService {
  private readonly key: Buffer;

  constructor(private readonly parts: OidcParts) {
    this.key = derivedKey(parts.secret, 'oidc flow');
  }

  /** Where to send the browser, and what it must bring back. */
  async begin(redirectTo: string): Promise<{ url: URL; binding: string }> {
    const { flows, clock, redirectUri } = this.parts;
    const challenge = { state: randomToken(), nonce: randomToken(), verifier: randomToken() };
    const url = await this.provider.authorizationUrl(challenge, redirectUri);
    const binding = randomToken();
    const stateHash = tokenHash(challenge.state);
    const secrets = JSON.stringify({ nonce: challenge.nonce, verifier: challenge.verifier });
    await flows.create({
      stateHash,
      sealed: seal(this.key, secrets, stateHash),
      bindingHash: tokenHash(binding),
      redirectTo,
      expiresAt: new Date(clock().getTime() + FLOW_MS),
    });
    return { url, binding };
  }

  async finish(back: OidcReturn, from: Device): Promise<{ session: OpenedSession; redirectTo: string }> {
    const { provider } = this;
    try {
      const { challenge, redirectTo } = await this.takeFlow(back);
      if (back.error !== undefined) throw new OidcDeniedError();
      const person = await provider.person(new URL(`${this.parts.redirectUri}?${back.query}`), challenge);
      const user = await this.enter(person, from);
      return { session: await this.parts.sessions.open(user, from), redirectTo };
    } catch (error) {
      await this.failed(from);
      throw error;
    }
  }

  /** Once, in the browser that began it, in time: whatever is wrong, it is one answer. */
  private async takeFlow({ state, binding }: OidcReturn): Promise<{ challenge: OidcChallenge; redirectTo: string }> {
    if (state === undefined || binding === undefined || !TOKEN.test(state) || !TOKEN.test(binding))
      throw new OidcStateInvalidError();
    const stateHash = tokenHash(state);
    const flow = await this.parts.flows.take(stateHash, tokenHash(binding), this.parts.clock());
    if (!flow) throw new OidcStateInvalidError();
    const secrets = JSON.parse(unseal(this.key, flow.sealed, stateHash)) as Omit<OidcChallenge, 'state'>;
    return { challenge: { state, ...secrets }, redirectTo: flow.redirectTo };
  }

  /** A linked account is found by the identity; a new link needs an address that the provider vouches for. */
  private async enter({ issuer, subject, email, isVerified, claims }: OidcPerson, from: Device) {
    const identity = { issuer, subject };
    const address = email !== undefined && isVerified ? emailAddress(email) : undefined;
    const known = address ?? (await this.parts.users.findByIdentity(identity))?.email;
    if (known === undefined) throw new OidcEmailUnverifiedError();
    const role = this.parts.roles.roleOf(claims);
    return this.parts.accounts.enter({ email: known, from, via: 'oidc', identity, ...(role && { role }) });
  }

  private async failed(from: Device): Promise<void> {
    const actor = { kind: 'anonymous' as const };
    const entry = { action: 'auth.sign_in_failed' as const, outcome: 'refused' as const };
    await this.parts.audit.record({ trail: INSTANCE_TRAIL, ...entry, actor, from, details: { via: 'oidc' } });
  }

  private get provider(): OidcProvider {
    // Where no provider is configured, these addresses do not exist.
    if (!this.parts.provider) throw new RouteNotFoundError();
    return this.parts.provider;
  }
}
