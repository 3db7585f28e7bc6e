import { isIP } from 'node:net';
import { emailAddress } from '@flowmate/domain';
import { buildMessage, Max as MaxRule, Min as MinRule, ValidateBy, type ValidationOptions } from 'class-validator';
import { Secret } from './secret.js';
import { weaknessOf } from './secret-strength.js';

/** An address to bind to or `localhost`; a name would have to be resolved first. */
export function IsHost(options?: ValidationOptions): PropertyDecorator {
  return ValidateBy(
    {
      name: 'isHost',
      validator: {
        validate: (value: unknown) => typeof value === 'string' && (value === 'localhost' || isIP(value) !== 0),
        defaultMessage: buildMessage((each) => `${each}must be an IP address or localhost`, options),
      },
    },
    options,
  );
}

function isOrigin(value: unknown): boolean {
  if (typeof value !== 'string' || value.includes('*') || !URL.canParse(value)) return false;
  const url = new URL(value);
  return (url.protocol === 'https:' || url.protocol === 'http:') && url.origin === value;
}

/** Scheme, host and port, nothing else: no `*`, no pattern, no path, no trailing slash. */
export function IsOrigin(options?: ValidationOptions): PropertyDecorator {
  return ValidateBy(
    {
      name: 'isOrigin',
      validator: {
        validate: isOrigin,
        defaultMessage: () =>
          'must be exact origins such as https://app.example.com: no *, pattern, path or trailing slash',
      },
    },
    options,
  );
}

export function Min(value: number): PropertyDecorator {
  return MinRule(value, { message: `must be at least ${value}` });
}

export function Max(value: number): PropertyDecorator {
  return MaxRule(value, { message: `must be at most ${value}` });
}

export function IsHttpUrl(): PropertyDecorator {
  const validate = (value: unknown): boolean =>
    typeof value === 'string' && URL.canParse(value) && /^https?:$/.test(new URL(value).protocol);
  return ValidateBy({
    name: 'isHttpUrl',
    validator: { validate, defaultMessage: () => 'must be an http or https URL' },
  });
}

function isStrongSecret(value: unknown): boolean {
  return value === undefined || (value instanceof Secret && weaknessOf(value.reveal()) === undefined);
}

/** Long enough, varied enough, and not the placeholder of `.env.example`. */
export function IsStrongSecret(): PropertyDecorator {
  return ValidateBy({
    name: 'isStrongSecret',
    validator: {
      validate: isStrongSecret,
      defaultMessage: (args) =>
        args?.value instanceof Secret ? (weaknessOf(args.value.reveal()) ?? '') : 'must be a secret',
    },
  });
}

/** A 256-bit key as 64 hex digits or as base64 of 32 bytes, and strong. */
export function IsKey256(): PropertyDecorator {
  return ValidateBy({
    name: 'isKey256',
    validator: {
      validate: (value: unknown) => isStrongSecret(value) && (value === undefined || isKey256(value)),
      defaultMessage: () => 'must be 32 random bytes, as 64 hex digits or base64',
    },
  });
}

function isKey256(value: unknown): boolean {
  if (!(value instanceof Secret)) return false;
  const key = value.reveal();
  return (
    /^[0-9a-fA-F]{64}$/.test(key) || (/^[A-Za-z0-9+/_-]{43}=?$/.test(key) && Buffer.from(key, 'base64').length === 32)
  );
}

/** An address whose whole is a secret: the scheme and a host, the driver itself checks the rest when it connects. */
function isAddress(schemes: RegExp, value: unknown): boolean {
  if (value === undefined) return true;
  const [, scheme = '', rest = ''] = value instanceof Secret ? (/^([a-z+]+):\/\/(.*)$/.exec(value.reveal()) ?? []) : [];
  const [authority = ''] = rest.split(/[/?#]/);
  return schemes.test(scheme) && /^[^:]/.test(authority.slice(authority.lastIndexOf('@') + 1));
}

export function IsMongoUri(): PropertyDecorator {
  return ValidateBy({
    name: 'isMongoUri',
    validator: {
      validate: (value: unknown) => isAddress(/^mongodb(\+srv)?$/, value),
      defaultMessage: () => 'must be a mongodb:// or mongodb+srv:// address',
    },
  });
}

export function IsRedisUrl(): PropertyDecorator {
  return ValidateBy({
    name: 'isRedisUrl',
    validator: {
      validate: (value: unknown) => isAddress(/^rediss?$/, value),
      defaultMessage: () => 'must be a redis:// or rediss:// address',
    },
  });
}

/** What MongoDB takes on every system: no separators, no wildcards, at most 63 bytes. */
export function IsDatabaseName(): PropertyDecorator {
  const validate = (value: unknown): boolean =>
    value === undefined || (typeof value === 'string' && /^[a-zA-Z0-9_-]{1,63}$/.test(value));
  return ValidateBy({
    name: 'isDatabaseName',
    validator: { validate, defaultMessage: () => 'must be 1 to 63 letters, digits, - or _' },
  });
}

/** Short, since it is part of every key; no pattern and no separator of ours. */
export function IsRedisKeyPrefix(): PropertyDecorator {
  return ValidateBy({
    name: 'isRedisKeyPrefix',
    validator: {
      validate: (value: unknown) => typeof value === 'string' && /^[a-zA-Z0-9_.-]{1,40}$/.test(value),
      defaultMessage: () => 'must be 1 to 40 letters, digits, -, _ or .',
    },
  });
}

export function IsSmtpUrl(): PropertyDecorator {
  return ValidateBy({
    name: 'isSmtpUrl',
    validator: {
      validate: (value: unknown) =>
        isAddress(/^smtps?$/, value) && (!(value instanceof Secret) || isDecodable(value.reveal())),
      defaultMessage: () => 'must be a smtp:// or smtps:// address, with every % in it written as %25',
    },
  });
}

/** A password with a bare `%` would be another one on its way, or none. */
function isDecodable(url: string): boolean {
  return URL.canParse(url) && !/%(?![0-9a-f]{2})/i.test(url);
}

/** `name <address>` or an address alone; the name cannot hold what would make another header of it. */
const SENDER = /^(?:[^<>"\\\p{C}]{1,80} <([^<>]+)>|([^<> ]+))$/u;

export function IsMailSender(): PropertyDecorator {
  const validate = (value: unknown): boolean => {
    if (value === undefined) return true;
    const [, named, bare] = typeof value === 'string' ? (SENDER.exec(value) ?? []) : [];
    return emailAddress(named ?? bare ?? '') !== undefined;
  };
  return ValidateBy({
    name: 'isMailSender',
    validator: { validate, defaultMessage: () => 'must be an e-mail address, or a name and <an e-mail address>' },
  });
}

/** In the form in which accounts are known, so that nobody compares two forms. */
export function IsAccountAddress(): PropertyDecorator {
  const validate = (value: unknown): boolean =>
    value === undefined || (typeof value === 'string' && emailAddress(value) === value);
  return ValidateBy({
    name: 'isAccountAddress',
    validator: { validate, defaultMessage: () => 'must be an e-mail address in lower case' },
  });
}

export function IsMailDomain(): PropertyDecorator {
  const isDomain = (value: unknown): boolean =>
    typeof value === 'string' && emailAddress(`a@${value}`) === `a@${value}`;
  return ValidateBy({
    name: 'isMailDomain',
    validator: {
      validate: (value: unknown) => Array.isArray(value) && value.every(isDomain),
      defaultMessage: () => 'must be domains in lower case such as example.com',
    },
  });
}

/** More proxies in a row than anybody has: a larger number is a mistake for something else. */
const MAX_HOPS = 10;

function isTrustedNetwork(text: string): boolean {
  const [, address = '', bits] = /^([0-9a-fA-F.:]{2,45})(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const version = isIP(address);
  if (version === 0) return false;
  // A range of everybody would believe what anybody says of himself.
  return bits === undefined || (Number(bits) >= 1 && Number(bits) <= (version === 4 ? 32 : 128));
}

/** A number of hops by itself, or addresses and ranges. */
export function IsTrustedProxies(): PropertyDecorator {
  const isHops = ([only = '', ...others]: readonly string[]): boolean =>
    others.length === 0 && /^\d{1,2}$/.test(only) && Number(only) <= MAX_HOPS;
  return ValidateBy({
    name: 'isTrustedProxies',
    validator: {
      validate: (value: unknown) => Array.isArray(value) && (isHops(value) || value.every(isTrustedNetwork)),
      defaultMessage: () =>
        `must be a number of proxies up to ${MAX_HOPS}, or their addresses and ranges such as 10.0.0.0/8; never everybody`,
    },
  });
}

/** `name=max/window` such as `auth-request=10/10m`. */
export const ROUTE_LIMIT_PATTERN = /^([a-z][a-z-]{1,39})=([1-9]\d{0,6})\/([1-9]\d{0,8}(?:ms|s|m|h)?)$/;

export function IsRouteLimits(): PropertyDecorator {
  return ValidateBy({
    name: 'isRouteLimits',
    validator: {
      validate: (value: unknown) =>
        Array.isArray(value) && value.every((item) => typeof item === 'string' && ROUTE_LIMIT_PATTERN.test(item)),
      defaultMessage: () => 'must be limits such as auth-request=10/10m',
    },
  });
}

/** A name or an address: printable, no spaces, short. */
export function IsTokenName(): PropertyDecorator {
  const validate = (value: unknown): boolean => typeof value === 'string' && /^[\x21-\x7e]{1,200}$/.test(value);
  return ValidateBy({
    name: 'isTokenName',
    validator: { validate, defaultMessage: () => 'must be 1 to 200 printable characters without spaces' },
  });
}

const ROLE_MAPPING = /^[^=,\s]{1,100}=(?:admin|manager|analyst)$/;

/** A list of `theirs=ours`. */
export function IsRoleMapping(): PropertyDecorator {
  const validate = (value: unknown): boolean =>
    Array.isArray(value) && value.every((one) => typeof one === 'string' && ROLE_MAPPING.test(one));
  return ValidateBy({
    name: 'isRoleMapping',
    validator: { validate, defaultMessage: () => 'must be pairs such as staff=manager, ours being a role of people' },
  });
}
