import { AuditChain, AuditRetention } from '@flowmate/audit';
import { integrationKeys, type AuditEnv, type EncryptionEnv } from '@flowmate/config';
import { AuditRepository, type Database } from '@flowmate/database';
import type { Logger } from '@flowmate/observability';
import type { Duty } from '../duties/duty.js';

export interface AuditRetentionParts {
  readonly database: Database;
  readonly encryption: EncryptionEnv;
  readonly settings: Pick<AuditEnv, 'retentionDays'>;
  readonly logger: Logger;
}

const DAY_MS = 86_400_000;
/** A day is the measure of what is kept, so an hour late is in time. */
const EVERY_MS = 3_600_000;
/** A thousand steps of a thousand entries; what is left goes with the next run. */
const DEADLINE_MS = 600_000;

/** Removes what is older than it has to be kept from every audit trail. */
export function auditRetention({ database, encryption, settings, logger }: AuditRetentionParts): Duty {
  const { current, previous } = integrationKeys(encryption);
  const retention = new AuditRetention(new AuditRepository(database), new AuditChain(current, previous));
  return {
    name: 'audit-retention',
    everyMs: EVERY_MS,
    deadlineMs: DEADLINE_MS,
    run: async (signal) => {
      const before = new Date(Date.now() - settings.retentionDays * DAY_MS);
      const cuts = await retention.removeBefore(before, signal);
      const count = cuts.reduce((sum, { removed }) => sum + removed, 0);
      if (count > 0) logger.info('old entries of the audit trails were removed', { count });
    },
  };
}
