import { Injectable } from '@nestjs/common';
import type { AuditLog } from '@flowmate/audit';
import type { IntegrationKeys } from '@flowmate/config';
import { derivedKey, randomToken, seal, tokenHash, unsealWithAny } from '@flowmate/crypto';
import { OidcFlowRepository, UserRepository, type OidcFlow } from '@flowmate/database';
import { DomainError, emailAddress, INSTANCE_TRAIL } from '@flowmate/domain';
import {
  AccountDisabledError,
  AccountService,
  SessionService,
  type Device,
  type OpenedSession,
} from '@flowmate/identity';
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
  readonly audit: Pick<AuditLog, 'recordSometimes'>;
  /** For an entry that could not be recorded; nobody waits for one. */
  readonly onError: (error: unknown) => void;
  /** What keeps nonce and verifier unreadable in the store. */
  readonly secrets: IntegrationKeys;
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
  /** A sign-in that began before the key was changed goes on. */
  private readonly keys: readonly Buffer[];

  constructor(private readonly parts: OidcParts) {
    const keyOf = (secret: string): Buffer => derivedKey(secret, 'oidc flow');
    this.key = keyOf(parts.secrets.current);
    this.keys = [this.key, ...parts.secrets.previous.map(keyOf)];
  }

  /** Where to send the browser, and what it must bring back: the same from all its tabs. */
  async begin(redirectTo: string, known: string | undefined): Promise<{ url: URL; binding: string }> {
    const { flows, clock, redirectUri } = this.parts;
    const challenge = { state: randomToken(), nonce: randomToken(), verifier: randomToken() };
    const url = await this.provider.authorizationUrl(challenge, redirectUri);
    const binding = known !== undefined && TOKEN.test(known) ? known : randomToken();
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
      const url = new URL(`${this.parts.redirectUri}?${back.query}`);
      const person = await provider.person(url, challenge, (claims) => this.parts.roles.isMissingIn(claims));
      const user = await this.enter(person, from);
      return { session: await this.parts.sessions.open(user, from, 'oidc'), redirectTo };
    } catch (error) {
      this.failed(error, from);
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
    return { challenge: { state, ...this.opened(flow) }, redirectTo: flow.redirectTo };
  }

  /** What was sealed with a key that is gone does not open any more: that sign-in begins again. */
  private opened({ sealed, stateHash }: OidcFlow): Omit<OidcChallenge, 'state'> {
    try {
      return JSON.parse(unsealWithAny(this.keys, sealed, stateHash)) as Omit<OidcChallenge, 'state'>;
    } catch (cause) {
      throw new OidcStateInvalidError({}, { cause });
    }
  }

  /** A linked account is found by the identity; a new link needs an address that the provider vouches for. */
  private async enter({ issuer, subject, email, isVerified, claims }: OidcPerson, from: Device) {
    const identity = { issuer, subject };
    const address = email !== undefined && isVerified ? emailAddress(email) : undefined;
    const known = address ?? (await this.parts.users.findByIdentity(identity))?.email;
    if (known === undefined) throw new OidcEmailUnverifiedError();
    const roles = this.parts.roles.of(claims);
    return this.parts.accounts.enter({ email: known, from, via: 'oidc', identity, ...roles });
  }

  /** Anybody can cause it as often as he likes, and nobody waits for it. Who is disabled has his own entry. */
  private failed(why: unknown, from: Device): void {
    if (why instanceof AccountDisabledError) return;
    const isRefused = why instanceof DomainError && why.kind !== 'upstream' && why.kind !== 'unavailable';
    const act = { action: 'auth.sign_in_failed', actor: { kind: 'anonymous' }, details: { via: 'oidc' } } as const;
    const outcome = isRefused ? 'refused' : 'failed';
    this.parts.audit.recordSometimes({ trail: INSTANCE_TRAIL, ...act, outcome, from }).catch(this.parts.onError);
  }

  private get provider(): OidcProvider {
    // Where no provider is configured, these addresses do not exist.
    if (!this.parts.provider) throw new RouteNotFoundError();
    return this.parts.provider;
  }
}
