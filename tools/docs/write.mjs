// Writes the pages that come from the code. `test/configuration.spec.ts` fails when they are not as written here.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ALL_ENV, AuditEnv, configurationPage, envExample, loadEnv, RunEnv } from '../../dist/libs/config/src/index.js';
import { permissionsPage } from '../../dist/libs/domain/src/index.js';
import { retentionPage } from '../../dist/libs/identity/src/index.js';

const root = join(import.meta.dirname, '..', '..');
writeFileSync(join(root, 'docs', 'configuration.md'), configurationPage(ALL_ENV));
writeFileSync(join(root, '.env.example'), envExample(ALL_ENV));

const env = loadEnv([AuditEnv, RunEnv], { variables: {} });
const figures = {
  auditDays: env.get(AuditEnv).retentionDays,
  auditSetting: 'AUDIT_RETENTION_DAYS',
  runDays: env.get(RunEnv).retentionDays,
  runSetting: 'RUN_RETENTION_DAYS',
};
writeFileSync(join(root, 'docs', 'retention.md'), retentionPage(figures));
writeFileSync(join(root, 'docs', 'permissions.md'), permissionsPage());
