import type { RunAuditor } from '@flowmate/audit';
import type { RunEnv } from '@flowmate/config';
import { PayloadRepository, RunWatch, type Database } from '@flowmate/database';
import type { Logger } from '@flowmate/observability';
import type { Duty } from '../duties/duty.js';

export interface RunRetentionParts {
  readonly database: Database;
  readonly settings: Pick<RunEnv, 'retentionDays'>;
  readonly auditor: Pick<RunAuditor, 'place'>;
  readonly storeNow: () => number;
  readonly logger: Logger;
}

const DAY_MS = 86_400_000;
/** A day is the measure of what is kept, so an hour late is in time. */
const EVERY_MS = 3_600_000;
/** Hundreds of thousands of runs; what is left goes with the next time. */
const DEADLINE_MS = 600_000;
/** Their payloads go in one step, which has to end in the time of an operation. */
const PAGE = 200;

/** Forgets runs that ended long ago, never before their ends are in the audit trails. */
export function runRetention({ database, settings, auditor, storeNow, logger }: RunRetentionParts): Duty {
  const [watch, payloads] = [new RunWatch(database), new PayloadRepository(database)];
  return {
    name: 'run-retention',
    everyMs: EVERY_MS,
    deadlineMs: DEADLINE_MS,
    run: async (signal) => {
      const audited = (await auditor.place())?.closedAt.getTime() ?? 0;
      const before = new Date(Math.min(storeNow() - settings.retentionDays * DAY_MS, audited));
      let count = 0;
      for (;;) {
        signal.throwIfAborted();
        // oxlint-disable-next-line no-await-in-loop -- in steps that each end in time
        const page = (await watch.endedBefore(before, PAGE)).map(({ id }) => id);
        if (page.length === 0) break;
        // The runs last: who is killed in between finds by them what is left.
        // oxlint-disable-next-line no-await-in-loop -- see above
        await payloads.deleteOfRuns(page);
        // oxlint-disable-next-line no-await-in-loop -- see above
        count += await watch.forget(page);
      }
      if (count > 0) logger.info('runs that ended long ago were forgotten', { count });
    },
  };
}
