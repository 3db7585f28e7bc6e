import { IsIn } from 'class-validator';
import { FromEnv } from '../setting.js';
import { integer, text } from '../setting-kinds.js';
import { Max, Min } from '../validators.js';

/** Who investigates a break-in looks back a month at least. */
const MIN_DAYS = 30;
/** Ten years, the longest that laws ask anybody to keep a record of access. */
const MAX_DAYS = 3_650;

export class AuditEnv {
  static readonly title = 'Audit';

  @FromEnv('AUDIT_LOG', {
    kind: text,
    doc: 'on writes each entry of the audit trail to standard output too, as one JSON line with `"stream":"audit"`. off keeps them in the database only.',
    default: (production) => (production ? 'on' : 'off'),
    defaultDoc: 'off, in production on',
  })
  @IsIn(['on', 'off'])
  log: 'on' | 'off';

  @FromEnv('AUDIT_RETENTION_DAYS', {
    kind: integer,
    doc: 'How many days entries of the audit trail are kept. What is left still verifies.',
    default: 365,
  })
  @Min(MIN_DAYS)
  @Max(MAX_DAYS)
  retentionDays: number;
}
