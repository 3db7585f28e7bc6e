const TIME_DIGITS = 12;
const RANDOM_BYTES = 6;

export const ID_PATTERN = /^[0-9a-f]{24}$/;

/** 24 hex digits: the millisecond it was made, so that they sort by age, and 48 random bits. It names; it never authorizes. */
export function newId(now = Date.now()): string {
  const bytes = crypto.getRandomValues(new Uint8Array(RANDOM_BYTES));
  const random = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return now.toString(16).padStart(TIME_DIGITS, '0') + random;
}
