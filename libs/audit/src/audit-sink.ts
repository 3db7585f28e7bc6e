import type { AuditEntryDocument } from '@flowmate/database';
import type { AuditEntry } from '@flowmate/domain';
import type { Logger } from '@flowmate/observability';

/** What leaves as one line: an entry with its place in the chain, or what could not be stored. */
export type AuditLine =
  | ({ readonly stored: true } & Omit<AuditEntryDocument, '_id' | 'schemaVersion'>)
  | ({ readonly stored: false; readonly at: Date; readonly correlationId?: string } & AuditEntry);

/**
 * Where entries go besides the store. It is also the witness from outside: who can roll the whole store back cannot
 * roll back what was written here.
 */
export interface AuditSink {
  write(line: AuditLine): void;
}

/** Each entry as one JSON line of its own stream, `"stream":"audit"`, on standard output. */
export function auditStream(logger: Logger): AuditSink {
  return { write: (line) => logger.stream('audit', line) };
}
