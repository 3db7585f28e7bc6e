import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

/** NIST SP 800-38D: 96 random bits per encryption. */
const NONCE_BYTES = 12;
/** A shorter one would be accepted by Node unless it is told. */
const TAG_BYTES = 16;
const VERSION = 'v1';

/** What was sealed does not open: another key, another place, or somebody changed it. Says no more than that. */
export class SealBrokenError extends Error {
  constructor() {
    super('What was sealed does not open.');
  }
}

/** Encrypts a text for the place that `bound` names; copied to another place it does not open. */
export function seal(key: Buffer, text: string, bound: string): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(Buffer.from(`${VERSION}|${bound}`));
  const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return `${VERSION}.${Buffer.concat([nonce, body, cipher.getAuthTag()]).toString('base64url')}`;
}

/** Opens what any of the keys sealed: a key that was changed still reads what it wrote. */
export function unsealWithAny(keys: readonly Buffer[], sealed: string, bound: string): string {
  for (const key of keys) {
    try {
      return unseal(key, sealed, bound);
    } catch (error) {
      if (!(error instanceof SealBrokenError)) throw error;
    }
  }
  throw new SealBrokenError();
}

export function unseal(key: Buffer, sealed: string, bound: string): string {
  const [version, encoded = ''] = sealed.split('.');
  const bytes = Buffer.from(encoded, 'base64url');
  if (version !== VERSION || bytes.length < NONCE_BYTES + TAG_BYTES) throw new SealBrokenError();
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.from(`${VERSION}|${bound}`));
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
  try {
    const body = bytes.subarray(NONCE_BYTES, -TAG_BYTES);
    return Buffer.concat([decipher.update(body), decipher.final()]).toString('utf8');
  } catch {
    throw new SealBrokenError();
  }
}
