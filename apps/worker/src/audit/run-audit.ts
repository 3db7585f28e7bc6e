import { AuditChain, auditStream, RunAuditor } from '@flowmate/audit';
import { integrationKeys, type AuditEnv, type EncryptionEnv } from '@flowmate/config';
import { AuditRepository, RunWatch, type Database } from '@flowmate/database';
import type { Logger } from '@flowmate/observability';
import type { Duty } from '../duties/duty.js';

export interface RunAuditParts {
  readonly database: Database;
  readonly encryption: EncryptionEnv;
  readonly settings: Pick<AuditEnv, 'log'>;
  readonly logger: Logger;
}

/** Who looks into a trail does so minutes later. */
const EVERY_MS = 5_000;
/** What is left goes with the next time. */
const DEADLINE_MS = 60_000;
/** Ends that the store has stamped are visible a moment later: longer than one operation can take. */
const MARGIN_MS = 5_000;

export function runAuditor({ database, encryption, settings, logger }: RunAuditParts): RunAuditor {
  const { current, previous } = integrationKeys(encryption);
  return new RunAuditor({
    repository: new AuditRepository(database),
    chain: new AuditChain(current, previous),
    runs: new RunWatch(database),
    sink: settings.log === 'on' ? auditStream(logger) : undefined,
  });
}

/** Records the ends of runs in the audit trails of their workspaces. */
export function runAudit(auditor: RunAuditor, storeNow: () => number): Duty {
  return {
    name: 'run-audit',
    everyMs: EVERY_MS,
    deadlineMs: DEADLINE_MS,
    run: async (signal) => void (await auditor.recordUntil(new Date(storeNow() - MARGIN_MS), signal)),
  };
}
