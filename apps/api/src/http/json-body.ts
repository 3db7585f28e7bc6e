import { InvalidInputError } from '@flowmate/domain';
import { JsonMalformedError, JsonTooDeepError, JsonTooManyValuesError } from './http.errors.js';

/** Deeper than any form a person fills in, far from what exhausts a recursive reader. */
const MAX_JSON_DEPTH = 32;

/** A thousand events of ten fields. Checking takes about 1 ms per hundred unknown fields, and more than in proportion. */
const MAX_JSON_VALUES = 10_000;

/** Names that every object already has: set from outside, they would shadow or replace what code relies on. */
const FORBIDDEN_KEYS: ReadonlySet<string> = new Set([...Object.getOwnPropertyNames(Object.prototype), 'prototype']);

const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;

/** Counts levels and values over the bytes, in one pass and before anything recursive or quadratic sees them. */
function refuseTooMuch(bytes: Uint8Array): void {
  let values = 1;
  let depth = 0;
  let inString = false;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i];
    if (inString) {
      if (byte === BACKSLASH) i++;
      else if (byte === QUOTE) inString = false;
    } else if (byte === QUOTE) inString = true;
    else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      if (++depth > MAX_JSON_DEPTH) throw new JsonTooDeepError();
    } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) depth--;
    else if (byte === COMMA && ++values > MAX_JSON_VALUES) throw new JsonTooManyValuesError();
  }
}

export function refuseForbiddenKey(key: string, path: string): void {
  if (!FORBIDDEN_KEYS.has(key)) return;
  throw new InvalidInputError([{ path, rule: 'key_forbidden', message: 'holds a key that is never accepted' }]);
}

/** What JSON can spell and no part of the product may receive: prototype keys and numbers beyond any number. */
function refuseTraps(value: unknown, path: string): void {
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw new InvalidInputError([{ path, rule: 'finite', message: 'must be a finite number' }]);
  }
  if (typeof value !== 'object' || value === null) return;
  for (const [key, child] of Object.entries(value)) {
    refuseForbiddenKey(key, path);
    refuseTraps(child, isPrintableKey(key) ? join(path, key) : path);
  }
}

/** Keys come from the caller too: only plain ones are repeated in an answer. */
export function isPrintableKey(key: string): boolean {
  return /^[A-Za-z0-9_$-]{1,64}$/.test(key);
}

export function join(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}

/** Bytes to a value: UTF-8 without a mark, at most 32 levels, no prototype keys, finite numbers. */
export function decodeJson(bytes: Uint8Array): unknown {
  refuseTooMuch(bytes);
  let value: unknown;
  try {
    // `ignoreBOM` keeps a byte order mark in the text, where JSON.parse refuses it.
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch (cause) {
    throw Object.assign(new JsonMalformedError(), { cause });
  }
  refuseTraps(value, '');
  return value;
}
