import { AuditChain, AuditLog, AuditVerifier } from '@flowmate/audit';
import { ConfigError, EncryptionEnv, loadEnv } from '@flowmate/config';
import { AuditRepository, Migrator } from '@flowmate/database';
import { INSTANCE_TRAIL } from '@flowmate/domain';
import { createLogger } from '@flowmate/observability';
import { TestDatabase } from '../../../../libs/database/test/test-database.js';
import { auditRetention } from './audit-retention.js';

const SECRET = '9f2c41d8b7e06a35c1f4d92e8b60a7533ec8d1f4a97b2065e4c8d3b1f7a09526';
const NEXT = 'c3a95f0e7d1b8426'.repeat(4);
const DAY_MS = 86_400_000;

describe('the duty that removes old entries of audit trails', () => {
  const test = new TestDatabase();
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  const options = { level: 'info', format: 'text', service: 'worker', environment: 'test' } as const;
  const logger = createLogger({ ...options, destination });
  const encryption = (key: string, previous = '') =>
    loadEnv([EncryptionEnv], {
      variables: { INTEGRATION_ENC_KEY: key, INTEGRATION_ENC_KEY_PREVIOUS: previous },
    }).get(EncryptionEnv);
  beforeAll(async () => {
    await test.database.connect();
    await new Migrator(test.database).up();
  });
  afterAll(() => test.dispose());

  it('keeps what the settings say, tells how much went, and leaves a trail that verifies', async () => {
    const repository = new AuditRepository(test.database);
    const chain = new AuditChain(SECRET);
    let ageDays = 100;
    const log = new AuditLog({ repository, chain, now: () => new Date(Date.now() - ageDays * DAY_MS) });
    for (; ageDays > 80; ageDays -= 1)
      await log.record({ trail: INSTANCE_TRAIL, action: 'auth.signed_in', actor: { kind: 'system' }, outcome: 'done' });
    const settings = { retentionDays: 90 };
    const duty = auditRetention({ database: test.database, encryption: encryption(SECRET), settings, logger });
    await duty.run(new AbortController().signal);
    await duty.run(new AbortController().signal);
    expect(await new AuditVerifier(repository, chain).verify(INSTANCE_TRAIL)).toMatchObject({ entries: 9, ok: true });
    expect(lines).toEqual([expect.stringContaining('old entries of the audit trails were removed count=11')]);
  });

  it('goes on after the key was changed, as long as the one before is known', async () => {
    const repository = new AuditRepository(test.database);
    const duty = (previous: string) =>
      auditRetention({
        database: test.database,
        encryption: encryption(NEXT, previous),
        settings: { retentionDays: 85 },
        logger,
      });
    const signal = new AbortController().signal;
    await expect(duty('').run(signal)).rejects.toThrow('does not verify');
    await duty(SECRET).run(signal);
    const verifier = new AuditVerifier(repository, new AuditChain(NEXT, [SECRET]));
    expect(await verifier.verify(INSTANCE_TRAIL)).toMatchObject({ entries: 4, ok: true });
  });

  it('is not there without the key that proves what is left', () => {
    const make = () =>
      auditRetention({ database: test.database, encryption: encryption(''), settings: { retentionDays: 90 }, logger });
    expect(make).toThrow(ConfigError);
  });
});
