import { createHmac } from 'node:crypto';
import { maskEmail, scrub, scrubPath } from './scrub.js';

/** What a value may be, and so how it is made safe. Ids and names are text too: a key could sit in one. */
interface FieldValues {
  text: string;
  path: string;
  number: number;
  flag: boolean;
  /** Written as `a***@example.com`. */
  email: string;
  /** Written as a keyed hash, which tells callers apart and names none. */
  ip: string;
}

/**
 * Every field that a log line or a span may hold besides its message and its error. Whatever is not
 * listed here, or has another type, never leaves the process.
 */
const FIELDS = {
  method: 'text',
  path: 'path',
  route: 'text',
  status: 'number',
  durationMs: 'number',
  correlationId: 'text',
  userId: 'text',
  workspaceId: 'text',
  agentId: 'text',
  runId: 'text',
  parentRunId: 'text',
  connectionId: 'text',
  scheduleId: 'text',
  triggerId: 'text',
  workerId: 'text',
  jobId: 'text',
  requestId: 'text',
  component: 'text',
  code: 'text',
  kind: 'text',
  reason: 'text',
  event: 'text',
  provider: 'text',
  tool: 'text',
  model: 'text',
  job: 'text',
  queue: 'text',
  setting: 'text',
  host: 'text',
  signal: 'text',
  phase: 'text',
  version: 'text',
  mode: 'text',
  from: 'text',
  to: 'text',
  email: 'email',
  ip: 'ip',
  port: 'number',
  pid: 'number',
  exitCode: 'number',
  attempt: 'number',
  seq: 'number',
  epoch: 'number',
  count: 'number',
  limit: 'number',
  bytes: 'number',
  dropped: 'number',
  repeated: 'number',
  retryInMs: 'number',
  timeoutMs: 'number',
  lagMs: 'number',
  tokens: 'number',
  enabled: 'flag',
  replayed: 'flag',
} as const satisfies Record<string, keyof FieldValues>;

type FieldName = keyof typeof FIELDS;

export type LogFields = { readonly [Name in FieldName]?: FieldValues[(typeof FIELDS)[Name]] | undefined };

/** A line as it is written: names on the left, safe primitives on the right. */
export type CleanFields = Record<string, string | number | boolean>;

/** Names that collectors already know in this spelling. */
const WRITTEN_AS: Partial<Record<FieldName, string>> = { durationMs: 'duration_ms', userId: 'user_id' };

/** Long enough for a path or a reason; what needs more is not a field. */
export const MAX_FIELD_LENGTH = 1_024;
/** 48 bits tell any two callers of a day apart and stay readable. */
const IP_HASH_LENGTH = 12;

/** Turns whatever the caller handed over into safe fields; counts what it had to leave out. */
export class FieldCleaner {
  constructor(private readonly ipSalt: string | Uint8Array) {}

  addTo(line: Record<string, unknown>, fields: object): void {
    let left = 0;
    for (const [name, value] of Object.entries(fields)) {
      if (value === undefined) continue;
      const kept = Object.hasOwn(FIELDS, name) ? this.clean(FIELDS[name as FieldName], value) : undefined;
      if (kept === undefined) left += 1;
      else line[WRITTEN_AS[name as FieldName] ?? name] = kept;
    }
    if (left > 0) line['fieldsLeftOut'] = left;
  }

  private clean(type: keyof FieldValues, value: unknown): string | number | boolean | undefined {
    if (type === 'number') return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
    if (type === 'flag') return typeof value === 'boolean' ? value : undefined;
    if (typeof value !== 'string') return undefined;
    if (type === 'path') return scrubPath(value, MAX_FIELD_LENGTH);
    if (type === 'ip') return this.hashIp(value);
    return scrub(type === 'email' ? maskEmail(value) : value, MAX_FIELD_LENGTH);
  }

  private hashIp(ip: string): string {
    return `ip-${createHmac('sha256', this.ipSalt).update(ip).digest('hex').slice(0, IP_HASH_LENGTH)}`;
  }
}
