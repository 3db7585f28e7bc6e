import type { AuditEntry } from '@flowmate/domain';
import { scrub } from '@flowmate/observability';

/** Long enough for every id of ours and for a route. */
const MAX_ID_LENGTH = 200;
const MAX_KIND_LENGTH = 40;
/** An IPv6 address with its zone has 45 characters and a name. */
const MAX_ADDRESS_LENGTH = 64;
/** Browsers send some 130 characters. */
const MAX_USER_AGENT_LENGTH = 256;
const MAX_DETAIL_LENGTH = 256;
const MAX_DETAILS = 20;
const DETAIL_NAME = /^[a-z]\w{0,39}$/i;
/** A field of this name holds what nobody should keep, however harmless it looks. */
const SENSITIVE_NAME = /password|passphrase|secret|token$|authorization|cookie|credential|apikey|otp$/i;
const REDACTED = '[redacted]';

type Details = NonNullable<AuditEntry['details']>;

/** An entry as it may be kept for years: no secret, no control character, no text as long as somebody likes. */
export function cleanEntry(entry: AuditEntry): AuditEntry {
  const { actor, target, from } = entry;
  const details = entry.details && cleanDetails(entry.details);
  const address = clean(from?.address, MAX_ADDRESS_LENGTH);
  const userAgent = clean(from?.userAgent, MAX_USER_AGENT_LENGTH);
  return {
    trail: entry.trail,
    action: entry.action,
    actor: { kind: actor.kind, ...(actor.id !== undefined && { id: clean(actor.id, MAX_ID_LENGTH) }) },
    ...(target && { target: { kind: clean(target.kind, MAX_KIND_LENGTH), id: clean(target.id, MAX_ID_LENGTH) } }),
    outcome: entry.outcome,
    ...((address ?? userAgent) !== undefined && {
      from: { ...(address !== undefined && { address }), ...(userAgent !== undefined && { userAgent }) },
    }),
    ...(details && Object.keys(details).length > 0 && { details }),
  };
}

function cleanDetails(details: Details): Details {
  const kept = Object.entries(details).filter(([name, value]) => isName(name) && isPlain(value));
  return Object.fromEntries(kept.slice(0, MAX_DETAILS).map(([name, value]) => [name, cleanDetail(name, value)]));
}

function isName(name: string): boolean {
  return DETAIL_NAME.test(name) && scrub(name, MAX_DETAIL_LENGTH) === name;
}

/** What the type says, for callers that come from elsewhere. */
function isPlain(value: unknown): boolean {
  return (
    typeof value === 'string' || typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value))
  );
}

function cleanDetail(name: string, value: string | number | boolean): string | number | boolean {
  if (SENSITIVE_NAME.test(name)) return REDACTED;
  return typeof value === 'string' ? clean(value, MAX_DETAIL_LENGTH) : value;
}

/** The store turns half a surrogate pair into something else, and the hash would not hold any more. */
function clean(text: string, maxLength: number): string;
function clean(text: string | undefined, maxLength: number): string | undefined;
function clean(text: string | undefined, maxLength: number): string | undefined {
  return text === undefined || text === '' ? undefined : scrub(text, maxLength).toWellFormed();
}
