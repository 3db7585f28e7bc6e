import { createHash, createHmac, pbkdf2Sync, randomBytes, timingSafeEqual } from 'node:crypto';

/** MongoDB's default for SCRAM-SHA-256. */
const ITERATIONS = 15_000;
const SALT_BYTES = 28;
const NONCE_BYTES = 24;

const hmac = (key: Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();
const sha256 = (bytes: Buffer): Buffer => createHash('sha256').update(bytes).digest();

/** What the server keeps of a password: enough to check a proof, not enough to make one. */
export interface Credential {
  readonly user: string;
  readonly salt: Buffer;
  readonly storedKey: Buffer;
  readonly serverKey: Buffer;
}

export function credentialOf(user: string, password: string): Credential {
  const salt = randomBytes(SALT_BYTES);
  const salted = pbkdf2Sync(password, salt, ITERATIONS, 32, 'sha256');
  return { user, salt, storedKey: sha256(hmac(salted, 'Client Key')), serverKey: hmac(salted, 'Server Key') };
}

/** `a=…,b=…` as a map; a value may itself contain equals signs. */
const attributes = (text: string): Map<string, string> =>
  new Map(text.split(',').map((part) => [part.slice(0, 1), part.slice(2)] as const));

/** One login (RFC 5802, RFC 7677). `undefined` anywhere means: refused, without saying why. */
export class ScramConversation {
  /** The client asked to be done with the proof, without an empty message after it. */
  readonly skipsEmptyExchange: boolean;
  private readonly credential: Credential;
  private firstBare = '';
  private serverFirst = '';
  private known = false;

  constructor(credential: Credential, skipsEmptyExchange: boolean) {
    this.credential = credential;
    this.skipsEmptyExchange = skipsEmptyExchange;
  }

  /** An unknown user gets a challenge too, so that users cannot be told from answers. */
  start(payload: string): string | undefined {
    if (!payload.startsWith('n,,')) return undefined;
    this.firstBare = payload.slice(3);
    const given = attributes(this.firstBare);
    const nonce = given.get('r');
    if (!nonce || given.has('m')) return undefined;
    this.known = given.get('n') === this.credential.user;
    const salt = this.credential.salt.toString('base64');
    this.serverFirst = `r=${nonce}${randomBytes(NONCE_BYTES).toString('base64')},s=${salt},i=${ITERATIONS}`;
    return this.serverFirst;
  }

  /** Checks the proof; answers the server's own. */
  finish(payload: string): string | undefined {
    const given = attributes(payload);
    const proof = Buffer.from(given.get('p') ?? '', 'base64');
    const nonce = attributes(this.serverFirst).get('r');
    // `biws` is `n,,`: no channel binding.
    if (given.get('c') !== 'biws' || given.get('r') !== nonce || proof.length !== 32) return undefined;
    const signed = `${this.firstBare},${this.serverFirst},c=biws,r=${nonce}`;
    const signature = hmac(this.credential.storedKey, signed);
    const clientKey = Buffer.from(proof.map((byte, index) => byte ^ signature[index]!));
    const right = timingSafeEqual(sha256(clientKey), this.credential.storedKey);
    return right && this.known ? `v=${hmac(this.credential.serverKey, signed).toString('base64')}` : undefined;
  }
}
