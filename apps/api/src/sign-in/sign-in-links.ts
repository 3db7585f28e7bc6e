import { randomInt } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { TokenSecretsEnv } from '@flowmate/config';
import { derivedKey, isSame, keyedHash, randomToken, tokenHash } from '@flowmate/crypto';
import { SignInLinkRepository, type SignInLink } from '@flowmate/database';
import { Outbox } from '@flowmate/mail';
import { PublicAddress } from '../mail/public-address.js';
import { AuthLinkInvalidError } from './sign-in.errors.js';

export interface LinkRequest {
  /** In the domain's form. */
  readonly email: string;
  readonly redirectTo?: string | undefined;
  /** Of the browser that asks. */
  readonly binding: string;
}

export interface RequestedLink {
  readonly requestId: string;
  readonly code: string;
}

/** What shows that whoever follows a link is who asked for it; one of the three is enough. */
export interface LinkProof {
  readonly binding?: string | undefined;
  readonly requestId?: string | undefined;
  readonly code?: string | undefined;
}

const MINUTE_MS = 60_000;
/** Promise: a link lives ten minutes. */
export const LINK_MS = 10 * MINUTE_MS;
/** Per address and {@link LINK_MS}: who did not get three mails will not get a fourth. */
const MAX_MAILS = 3;
/** Six digits and five tries: one guess in 200,000 is right, and each needs a mail that somebody else got. */
const MAX_TRIES = 5;
const CODES = 1_000_000;
/** Who is overtaken that often was overtaken by as many mails as one address gets. */
const MAX_ROUNDS = MAX_MAILS + 2;
const PAGE = '/sign-in';

/** Links by mail. Nothing here asks whether an address has an account: the work and the answer are the same. */
@Injectable()
export class SignInLinks {
  private readonly key: Buffer;

  constructor(
    private readonly links: SignInLinkRepository,
    private readonly outbox: Outbox,
    private readonly address: PublicAddress,
    { refreshSecret }: TokenSecretsEnv,
  ) {
    if (!refreshSecret) throw new Error('REFRESH_SECRET is not set');
    this.key = derivedKey(refreshSecret.reveal(), 'sign-in links');
  }

  /** Answers the same whether a mail goes out or not: after the third one the last link stays the good one. */
  async request({ email, redirectTo, binding }: LinkRequest): Promise<RequestedLink> {
    const [token, requestId, code] = [randomToken(), randomToken(), newCode()];
    const proof = { codeHash: this.codeHash(token, code), bindingHash: tokenHash(binding) };
    const isNew = await this.store(email, token, { ...proof, requestIdHash: tokenHash(requestId) });
    if (isNew) {
      const url = this.address.link(PAGE, { token, ...(redirectTo !== undefined && { to: redirectTo }) });
      const notAfter = new Date(Date.now() + LINK_MS);
      await this.outbox.put('sign-in', email, { url, minutes: LINK_MS / MINUTE_MS }, { notAfter });
    }
    return { requestId, code };
  }

  /** A link that is bound to nobody, for the one who started this on his own machine. Nothing is mailed. */
  async makeUnbound(email: string): Promise<string> {
    const token = randomToken();
    const nobody = { codeHash: this.codeHash(token, newCode()), bindingHash: null, requestIdHash: null };
    await this.store(email, token, nobody);
    return this.address.link(PAGE, { token, bound: 'no' });
  }

  /** Answers whose link it is, once. Every try counts, before anything is compared. */
  async redeem(token: string, proof: LinkProof): Promise<string> {
    const now = new Date();
    const hash = tokenHash(token);
    const link = await this.links.attempt(hash, now, MAX_TRIES);
    const isTheirs = link !== null && this.isProven(link, token, proof);
    if (!isTheirs || !(await this.links.use(hash, now))) throw new AuthLinkInvalidError();
    return link.email;
  }

  /** Answers false when the address has had its mails. Of two requests at once, the second looks again. */
  private async store(
    email: string,
    token: string,
    proof: Pick<SignInLink, 'codeHash' | 'bindingHash' | 'requestIdHash'>,
  ): Promise<boolean> {
    const id = keyedHash(this.key, `address|${email}`);
    const isMailed = proof.bindingHash !== null;
    for (let round = 0; round < MAX_ROUNDS; round++) {
      // oxlint-disable-next-line no-await-in-loop -- each round answers to the one before
      const older = await this.links.of(id);
      const issuedAt = new Date();
      const mails = (older?.mails ?? []).filter((at) => issuedAt.getTime() - at.getTime() < LINK_MS);
      if (isMailed && mails.length >= MAX_MAILS) return false;
      const expiresAt = new Date(issuedAt.getTime() + LINK_MS);
      const version = older?.version ?? 0;
      const fresh = { id, email, ...proof, tokenHash: tokenHash(token), issuedAt, expiresAt, usedAt: null, tries: 0 };
      const kept = { version: version + 1, mails: isMailed ? [...mails, issuedAt] : mails, removeAt: expiresAt };
      // oxlint-disable-next-line no-await-in-loop
      if (await this.links.replace({ ...fresh, ...kept }, version)) return true;
    }
    return false;
  }

  private isProven(link: SignInLink, token: string, { binding, requestId, code }: LinkProof): boolean {
    if (link.bindingHash === null) return true;
    const proven = [
      isSame(link.bindingHash, binding === undefined ? '' : tokenHash(binding)),
      link.requestIdHash !== null && isSame(link.requestIdHash, requestId === undefined ? '' : tokenHash(requestId)),
      isSame(link.codeHash, code === undefined ? '' : this.codeHash(token, code)),
    ];
    return proven.includes(true);
  }

  /** With the key, because six digits are tried out in a moment by whoever has the store. */
  private codeHash(token: string, code: string): string {
    return keyedHash(this.key, `code|${tokenHash(token)}|${code}`);
  }
}

const newCode = (): string => String(randomInt(CODES)).padStart(6, '0');
