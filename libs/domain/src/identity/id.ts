const RANDOM_BYTES = 8;

export const ID_PATTERN = /^[0-9a-f]{24}$/;

/** 24 hex digits: the second it was made, so that they sort by age, and 64 random bits. It names; it never authorizes. */
export function newId(now = Date.now()): string {
  const bytes = crypto.getRandomValues(new Uint8Array(RANDOM_BYTES));
  const random = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return (
    Math.floor(now / 1_000)
      .toString(16)
      .padStart(8, '0') + random
  );
}
