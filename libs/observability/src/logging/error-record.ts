import { types } from 'node:util';
import { DomainError } from '@flowmate/domain';
import { FieldCleaner, type CleanFields } from './log-fields.js';
import { escapeControls, REDACTED, scrub } from './scrub.js';

/** All that a log tells about an error, however much the error object carries. */
export interface ErrorRecord {
  readonly name: string;
  readonly message: string;
  readonly code?: string | number;
  readonly kind?: string;
  readonly details?: CleanFields;
  /** How many errors an AggregateError holds; the first is told as its cause. */
  readonly errors?: number;
  /** Only the frames: the message is part of a stack's text and would come through unmasked. */
  readonly stack?: string;
  readonly cause?: ErrorRecord;
}

/** A chain of causes longer than this is a loop, or says nothing new. */
const MAX_CAUSES = 5;
const MAX_MESSAGE_LENGTH = 1_024;
/** What is looked at of a message that may be as long as its thrower likes. */
const MAX_READ_LENGTH = 8_192;
/** 8 KB hold more than the ten frames that V8 records, even with long paths. */
const MAX_STACK_LENGTH = 8_192;
const MAX_NAME_LENGTH = 64;
const CODE = /^[\w.-]{1,64}$/;
const FRAME = /^\s{4}at .{1,500}(?::\d+:\d+|<anonymous>|native)\)?$/;

/** Makes the record of anything that was thrown. Never throws itself, whatever the object does. */
export function errorRecord(thrown: unknown, cleaner: FieldCleaner): ErrorRecord {
  return record(thrown, cleaner, 0);
}

function record(thrown: unknown, cleaner: FieldCleaner, depth: number): ErrorRecord {
  try {
    if (!isError(thrown)) return recordOfOther(thrown);
    const ours = thrown instanceof DomainError;
    const code = codeOf(thrown);
    const stack = framesOf(thrown);
    const cause: unknown = thrown.cause ?? (thrown instanceof AggregateError ? thrown.errors[0] : undefined);
    return {
      name: scrub(String(thrown.name), MAX_NAME_LENGTH),
      message: ours ? scrub(thrown.message, MAX_MESSAGE_LENGTH) : scrubForeign(String(thrown.message)),
      ...(code === undefined ? {} : { code }),
      ...(ours ? domainPart(thrown, cleaner) : {}),
      ...(thrown instanceof AggregateError ? { errors: thrown.errors.length } : {}),
      ...(stack ? { stack } : {}),
      ...(cause === undefined || depth >= MAX_CAUSES ? {} : { cause: record(cause, cleaner, depth + 1) }),
    };
  } catch {
    // A getter or a proxy threw: that there was an error is all that can be told.
    return { name: 'UnreadableError', message: 'The error could not be read.' };
  }
}

/** Errors of another realm (a vm, a worker) are no `instanceof Error`. */
function isError(thrown: unknown): thrown is Error {
  return types.isNativeError(thrown) || thrown instanceof Error;
}

function recordOfOther(thrown: unknown): ErrorRecord {
  const message = typeof thrown === 'string' ? scrubForeign(thrown) : `A value of type ${typeof thrown} was thrown.`;
  return { name: 'NotAnError', message };
}

function codeOf(error: Error): string | number | undefined {
  const code: unknown = 'code' in error ? error.code : undefined;
  if (typeof code === 'number') return code;
  return typeof code === 'string' && CODE.test(code) ? code : undefined;
}

function domainPart(error: DomainError, cleaner: FieldCleaner): Pick<ErrorRecord, 'kind' | 'details'> {
  const details: CleanFields = {};
  cleaner.addTo(details, error.details);
  return Object.keys(details).length > 0 ? { kind: error.kind, details } : { kind: error.kind };
}

/**
 * Messages that we did not write quote values: a refused document's field, the text that was no JSON.
 * Whatever stands in double quotes or backticks goes, except the name of the field.
 */
function scrubForeign(message: string): string {
  return scrub(withoutQuoted(withoutTicked(message.slice(0, MAX_READ_LENGTH))), MAX_MESSAGE_LENGTH);
}

function withoutQuoted(message: string): string {
  const first = message.indexOf('"');
  if (first === -1) return message;
  const path = /(?: at)? path "[\w.$]{1,100}"[^"]{0,200}$/.exec(message);
  const head = path ? message.slice(0, path.index) : message;
  if (first >= head.length) return message;
  const last = head.lastIndexOf('"');
  const rest = last > first ? head.slice(last + 1) : '';
  return `${head.slice(0, first)}${REDACTED}${rest}${path?.[0] ?? ''}`;
}

function withoutTicked(message: string): string {
  return message.replace(/([pP]ath )?`[^`]*`/g, (text, path?: string) => (path ? text : REDACTED));
}

/** Frames with paths are not scrubbed for long tokens: a path would be taken for one. They hold no values. */
function framesOf(error: Error): string | undefined {
  if (typeof error.stack !== 'string') return undefined;
  const afterMessage = error.stack.lastIndexOf(error.message) + error.message.length;
  const frames = error.stack
    .slice(Math.max(0, afterMessage), afterMessage + MAX_STACK_LENGTH)
    .split('\n')
    .filter((line) => FRAME.test(line));
  return frames.map((frame) => escapeControls(frame.trim())).join('\n');
}
