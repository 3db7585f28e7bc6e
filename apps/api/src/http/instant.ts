import { isISO8601, ValidateBy } from 'class-validator';

/** RFC 3339 to the millisecond. Weeks, ordinal days and times of no zone are ISO 8601 too, and no moment to us. */
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,3})?(?:Z|[+-]\d{2}:\d{2})$/;

/** A day that the calendar has, and a zone that `Date` knows. */
function isInstant(value: unknown): boolean {
  if (typeof value !== 'string' || !INSTANT.test(value)) return false;
  return isISO8601(value, { strict: true }) && !Number.isNaN(Date.parse(value));
}

/** One moment, the same for everybody: what is not, would become an invalid `Date` or one of the server's own zone. */
export function IsInstant(): PropertyDecorator {
  const defaultMessage = (): string => 'must be a date and time with a zone, such as 2027-01-01T00:00:00Z';
  return ValidateBy({ name: 'isInstant', validator: { validate: isInstant, defaultMessage } });
}
