import { isIP } from 'node:net';
import { UrlNotAllowedError, type UrlRefusal } from './egress.errors.js';
import { isPublicAddress } from './public-address.js';

export interface UrlPolicy {
  /** Plain http on port 80, for development and tests. */
  readonly allowHttp?: boolean;
  /** Origins the operator configured (see `trustedOrigins`). They skip scheme, port, name and address. */
  readonly trusted?: ReadonlySet<string>;
}

/** What browsers and most services accept; longer is an attack or a mistake. */
const MAX_URL_LENGTH = 2_048;
/** RFC 1035 §2.3.4. */
const MAX_NAME_LENGTH = 253;
const LABEL = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/;

/**
 * Names that mean "inside" wherever they resolve: RFC 6761, 6762, 8375 and 9476 (`local`, `internal`), what
 * Kubernetes and clouds use, and suffixes that home and office routers hand out.
 */
const INTERNAL_SUFFIXES = [
  'localhost',
  'localdomain',
  'local',
  'internal',
  'intranet',
  'private',
  'corp',
  'home',
  'lan',
  'home.arpa',
  'svc',
  'kubernetes.default',
];

const refuse = (reason: UrlRefusal): never => {
  throw new UrlNotAllowedError(reason);
};

/**
 * The origins of operator-configured base URLs. Only scheme, host and port count; a path is dropped.
 * Throws a TypeError for what has no http origin: that is a mistake in the configuration, not input.
 */
export function trustedOrigins(urls: readonly string[]): ReadonlySet<string> {
  return new Set(
    urls.map((url) => {
      const parsed = URL.parse(url);
      if (!parsed || !/^https?:$/.test(parsed.protocol))
        throw new TypeError('A trusted origin must be an http(s) URL.');
      return parsed.origin;
    }),
  );
}

/** The parser strips tabs and newlines, turns `\` into `/` and decodes the host: look before it does. */
function checkText(input: string): void {
  if (input.length > MAX_URL_LENGTH) refuse('too_long');
  // Space and everything below it, DEL and the C1 controls.
  // oxlint-disable-next-line no-control-regex -- control characters are what this looks for
  if (/[\u0000-\u0020\u007f-\u009f]/.test(input)) refuse('control_character');
  if (input.includes('\\')) refuse('backslash');
  if (input.includes('#')) refuse('fragment');
  // "https:host" and "https:///host" are read as "https://host" by this parser and otherwise by others.
  const authority = /^[a-z][a-z0-9+.-]*:\/\/([^/?]+)/i.exec(input)?.[1] ?? refuse('malformed');
  if (authority.includes('@')) refuse('credentials');
  // Full-width digits, circled letters and other dots become ASCII in the parser. A real IDN has its xn-- form.
  // oxlint-disable-next-line no-control-regex -- the whole ASCII range is meant
  if (/[^\u0000-\u007f]/.test(authority)) refuse('host_not_ascii');
  if (authority.includes('%')) refuse('malformed');
}

function checkName(name: string): void {
  if (name.endsWith('.')) refuse('trailing_dot');
  const labels = name.split('.');
  if (name.length > MAX_NAME_LENGTH || !labels.every((label) => LABEL.test(label))) refuse('malformed');
  if (INTERNAL_SUFFIXES.some((suffix) => name === suffix || name.endsWith(`.${suffix}`))) refuse('internal_name');
  if (labels.length === 1) refuse('single_label');
}

/** Accepts a host as the WHATWG parser leaves it: an IP literal must be public, a name must not mean "inside". */
export function checkHost(hostname: string): void {
  const literal = hostname.replace(/^\[(.*)\]$/, '$1');
  if (isIP(literal) === 0) checkName(hostname);
  else if (!isPublicAddress(literal)) refuse('address_not_public');
}

/**
 * Everything about a URL that can be known without asking DNS. Run it when a URL is stored and again
 * when it is used; what a name resolves to is checked when connecting.
 */
export function checkUrl(input: string, policy: UrlPolicy = {}): URL {
  checkText(input);
  const url = URL.parse(input) ?? refuse('malformed');
  if (url.href.length > MAX_URL_LENGTH) refuse('too_long');
  if (policy.trusted?.has(url.origin)) return url;
  if (url.protocol !== 'https:' && !(policy.allowHttp && url.protocol === 'http:')) refuse('scheme');
  // The parser drops the scheme's own port; any other is not a web server's.
  if (url.port !== '') refuse('port');
  checkHost(url.hostname);
  return url;
}
