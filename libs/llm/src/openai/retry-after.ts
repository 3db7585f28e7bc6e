/** Nobody waits longer; a provider that asks for more has its clock wrong or its quota gone. */
const MAX_WAIT_MS = 24 * 60 * 60 * 1_000;

const cap = (ms: number): number => Math.min(Math.max(Math.ceil(ms), 0), MAX_WAIT_MS);

/** How long a provider asks to wait: OpenAI's milliseconds, else the seconds or the date of RFC 9110 §10.2.3. */
export function retryAfterMs(headers: Headers | undefined, now: () => number = Date.now): number | undefined {
  const precise = headers?.get('retry-after-ms')?.trim() ?? '';
  if (/^\d{1,12}(?:\.\d+)?$/.test(precise)) return cap(Number(precise));
  const value = headers?.get('retry-after')?.trim() ?? '';
  if (/^\d{1,9}(?:\.\d+)?$/.test(value)) return cap(Number(value) * 1_000);
  // A date names its day or its zone; `Date.parse` alone would make a year of a bare number.
  const at = /^[A-Za-z]{3,9},? /.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(at) ? undefined : cap(at - now());
}
