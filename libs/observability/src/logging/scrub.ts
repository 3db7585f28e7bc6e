import { CORRELATION_ID } from '../context.js';

/** Stands where something was that must not be in a log. */
export const REDACTED = '[redacted]';

/**
 * Room behind the cap in which a secret that crosses the cap is still recognised whole. Longer than any
 * key format we know; of a longer one (a JWT) the beginning alone is recognised.
 */
const LOOKAHEAD = 512;

/** No text without one of these can hold anything that the rules below look for. */
const WORTH_A_LOOK = /[:=@?]|%40|[A-Za-z0-9+/_-]{16}|bearer|basic/i;

/** Line breaks, terminal control, invisible and direction-changing characters: all that can forge a line. */
// oxlint-disable-next-line no-control-regex -- control characters are what this one is for
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/;
// oxlint-disable-next-line no-control-regex -- the same, each of them
const EVERY_UNSAFE = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** Our ids, short words, and paths made of them: most of what is logged, and nothing below can match them. */
const PLAIN = /^[a-z0-9.]{0,24}$/;
const PLAIN_PATH = /^(?:\/(?:[a-z0-9]{0,24}|[a-z]{1,16}-[a-z]{1,16})){1,12}$/;
const PLAIN_UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

const URL_TEXT = /\b[a-z][a-z0-9+.-]{1,15}:\/\/[^\s"'<>]*/gi;
const QUERY = /\?[^\s"'<>?=]*=[^\s"'<>]*/g;
const HEADER = /\b(authorization|cookie|set-cookie|x-api-key|proxy-authorization)(["']?\s*:\s*)[^\r\n]+/gi;
const SCHEME = /\b(bearer|basic)\s+[\w.~+/=-]{8,}/gi;
const JWT = /\beyJ[\w-]{8,}(?:\.[\w-]*){0,2}/g;
const VENDOR_KEY =
  /\b(?:fm_[a-z]+_|sk-|sk_|pk_|rk_|re_|gh[opusr]_|github_pat_|glpat-|xox[abprs]-|whsec_|ya29\.|AKIA)[\w-]{8,}/g;
const PAIR =
  /((?:password|passwd|passphrase|secret|token|key|credentials?|signature|session|otp|code)["']?\s*=\s*)(?:"[^"]*"|'[^']*'|[^\s,;&)}\]]+)/gi;
/** With a colon, upper case names stay readable: `JWT_SECRET: must be longer` is help, not a secret. */
const COLON_PAIR =
  /((?:[pP]assword|passwd|[pP]assphrase|[sS]ecret|[tT]oken|[kK]ey)["']?\s*:\s*)(?:"[^"]*"|'[^']*'|[^\s,;&)}\]]+)/g;
/** What may be the name in an address; whether one follows is looked at afterwards, so nothing is read twice. */
const ADDRESS_NAME = /[\w.+-]+/g;
const ADDRESS_REST = /^(?:@|%40)[\w-]/;
const LONG_TOKEN = /[A-Za-z0-9+/_=-]{32,}/g;
const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi;

/** The shortest text that is taken for a key: 128 bits in hex. */
const TOKEN_LENGTH = 32;
/** Names in code and paths are shorter than this, as far as they hold letters only. */
const NAME_LENGTH = 40;
/** A segment of one of our paths. Base64, which has slashes too, has capitals in nearly every segment. */
const PATH_SEGMENT = /^[a-z0-9_-]{0,31}$/;

/** A text as it may stand in a log: without secrets, on one line, not longer than `maxLength`. */
export function scrub(text: string, maxLength: number): string {
  if (PLAIN.test(text)) return text;
  const window = text.length > maxLength ? text.slice(0, maxLength + LOOKAHEAD) : text;
  return cap(escapeControls(WORTH_A_LOOK.test(window) ? withoutSecrets(window) : window), maxLength);
}

/** The path of a request target, without the query. */
export function scrubPath(target: string, maxLength: number): string {
  const path = withoutFrom(withoutFrom(target, '?'), '#');
  return PLAIN_PATH.test(path) ? path : scrub(decoded(path), maxLength);
}

/** What a path says, so that an encoded secret is recognised like any other. */
function decoded(path: string): string {
  if (!path.includes('%')) return path;
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** Callers may choose theirs freely within its form, also as 32 hex digits; only a key must not be one. */
export function scrubCorrelationId(id: string, maxLength: number): string {
  if (PLAIN_UUID.test(id)) return id;
  return CORRELATION_ID.test(id) && id.search(VENDOR_KEY) === -1 && id.search(JWT) === -1 ? id : scrub(id, maxLength);
}

export function escapeControls(text: string): string {
  if (!UNSAFE.test(text)) return text;
  return text.replace(EVERY_UNSAFE, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

export function maskEmail(email: string): string {
  return email.replace(ADDRESS_NAME, (name, at: number) => {
    const end = at + name.length;
    return ADDRESS_REST.test(email.slice(end, end + 4)) ? `${name.slice(0, 1)}***` : name;
  });
}

function withoutFrom(text: string, mark: string): string {
  const at = text.indexOf(mark);
  return at === -1 ? text : text.slice(0, at);
}

function withoutSecrets(text: string): string {
  const withoutKeys = text
    .replace(URL_TEXT, redactUrl)
    .replace(QUERY, `?${REDACTED}`)
    .replace(HEADER, `$1$2${REDACTED}`)
    .replace(SCHEME, `$1 ${REDACTED}`)
    .replace(JWT, REDACTED)
    .replace(VENDOR_KEY, REDACTED)
    .replace(PAIR, `$1${REDACTED}`)
    .replace(COLON_PAIR, `$1${REDACTED}`);
  return maskEmail(withoutKeys).replace(LONG_TOKEN, redactToken);
}

/** Keeps scheme, host and path. Everything up to the last `@` may be a password with odd characters. */
function redactUrl(url: string): string {
  const start = url.indexOf('://') + 3;
  const at = url.lastIndexOf('@');
  const rest = url.slice(Math.max(start, at + 1));
  const end = rest.search(/[?#]/);
  const head = url.slice(0, start) + (at < start ? '' : `${REDACTED}@`);
  return head + (end === -1 ? rest : `${rest.slice(0, end)}?${REDACTED}`);
}

function redactToken(candidate: string): string {
  const text = candidate.replace(UUID, '');
  if (text.length < TOKEN_LENGTH) return candidate;
  if (text.includes('/') && text.split('/').every((part) => PATH_SEGMENT.test(part))) return candidate;
  if (/^[a-z_/-]+$/.test(text) || /^[A-Z_]+$/.test(text)) return candidate;
  return text.length >= NAME_LENGTH || /[0-9+=]/.test(text) ? REDACTED : candidate;
}

function cap(text: string, maxLength: number): string {
  return text.length > maxLength ? `${text.slice(0, maxLength)}…` : text;
}
