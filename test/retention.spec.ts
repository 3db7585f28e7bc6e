import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AuditEnv, loadEnv, RunEnv } from '@flowmate/config';
import { retentionPage } from '@flowmate/identity';

const PAGE = join(import.meta.dirname, '..', 'docs', 'retention.md');

describe('the documented retention (run `npm run docs` to write it again)', () => {
  it('is docs/retention.md', () => {
    const env = loadEnv([AuditEnv, RunEnv], { variables: {} });
    const audit = { auditDays: env.get(AuditEnv).retentionDays, auditSetting: 'AUDIT_RETENTION_DAYS' };
    const page = retentionPage({ ...audit, runDays: env.get(RunEnv).retentionDays, runSetting: 'RUN_RETENTION_DAYS' });
    expect(readFileSync(PAGE, 'utf8')).toBe(page);
  });
});
