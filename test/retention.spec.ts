import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AuditEnv, loadEnv } from '@flowmate/config';
import { retentionPage } from '@flowmate/identity';

const PAGE = join(import.meta.dirname, '..', 'docs', 'retention.md');

describe('the documented retention (run `npm run docs` to write it again)', () => {
  it('is docs/retention.md', () => {
    const { retentionDays } = loadEnv([AuditEnv], { variables: {} }).get(AuditEnv);
    const page = retentionPage({ auditDays: retentionDays, auditSetting: 'AUDIT_RETENTION_DAYS' });
    expect(readFileSync(PAGE, 'utf8')).toBe(page);
  });
});
