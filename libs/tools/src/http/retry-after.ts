/** RFC 9110: whole seconds, or a date. Undefined for anything else. */
export function retryAfterMs(header: string | null, now = Date.now()): number | undefined {
  if (header === null) return undefined;
  // Nine digits are thirty years; more would only overflow.
  if (/^\d{1,9}$/.test(header)) return Number(header) * 1_000;
  // Dates begin with the name of the day; what else a parser takes for a date is none.
  const at = /^[A-Z][a-z]{2,8},? /.test(header) ? Date.parse(header) : Number.NaN;
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}
