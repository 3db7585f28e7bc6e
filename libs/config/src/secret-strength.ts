/** 256 bits, the size of the HMAC-SHA-256 keys that these secrets become. */
const MIN_BYTES = 32;
/** A random hex string of 64 digits holds all 16 digits but for one case in ten; repeated words hold few characters. */
const MIN_DISTINCT = 10;
const PLACEHOLDERS = /change-?me|example|placeholder|your-?secret|password|0123456789abcdef/i;

/** Why a secret must not be used, or `undefined`. Says nothing about the value. */
export function weaknessOf(secret: string): string | undefined {
  if (Buffer.byteLength(secret) < MIN_BYTES) return `must be at least ${MIN_BYTES} bytes`;
  if (PLACEHOLDERS.test(secret)) return 'is a placeholder from the documentation';
  if (new Set(secret).size < MIN_DISTINCT) return 'is too easy to guess: too few different characters';
  return undefined;
}
