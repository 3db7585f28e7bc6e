import { AuditChain, AuditLog, auditStream } from '@flowmate/audit';
import { integrationKeys, type AuditEnv, type EncryptionEnv } from '@flowmate/config';
import { AuditRepository, type Database } from '@flowmate/database';
import { Erasure, systemClock } from '@flowmate/identity';
import type { Logger } from '@flowmate/observability';
import type { Duty } from '../duties/duty.js';

/** Days are the measure of what is kept, so an hour late is in time. */
const EVERY_MS = 3_600_000;
/** An account takes some twenty operations; what is left goes with the next run. */
const DEADLINE_MS = 600_000;

export interface EraseParts {
  readonly database: Database;
  readonly encryption: EncryptionEnv;
  readonly settings: Pick<AuditEnv, 'log'>;
  readonly logger: Logger;
}

/** Removes every trace of accounts and workspaces that were deleted thirty days ago. */
export function erase({ database, encryption, settings, logger }: EraseParts): Duty {
  const { current, previous } = integrationKeys(encryption);
  const audit = new AuditLog({
    repository: new AuditRepository(database),
    chain: new AuditChain(current, previous),
    sink: settings.log === 'on' ? auditStream(logger) : undefined,
  });
  const erasure = new Erasure({ database, audit, clock: systemClock });
  return {
    name: 'erase',
    everyMs: EVERY_MS,
    deadlineMs: DEADLINE_MS,
    run: async (signal) => {
      const { users, workspaces } = await erasure.run(signal);
      if (users + workspaces > 0) logger.info('accounts and workspaces were erased', { count: users + workspaces });
    },
  };
}
