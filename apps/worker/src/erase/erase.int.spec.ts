import { AuditRepository, Migrator, WorkspaceRepository } from '@flowmate/database';
import { AuditEnv, EncryptionEnv, loadEnv } from '@flowmate/config';
import { INSTANCE_TRAIL, newId } from '@flowmate/domain';
import { createLogger } from '@flowmate/observability';
import { TestDatabase } from '../../../../libs/database/test/test-database.js';
import { erase } from './erase.js';

describe('the duty that erases', () => {
  it('removes what was deleted long ago, records that, and says how much', async () => {
    const test = new TestDatabase({}, 'worker');
    const { database } = test;
    await database.connect();
    await new Migrator(database).up();
    const lines: string[] = [];
    const destination = { write: (line: string) => void lines.push(line) };
    const logger = createLogger({ level: 'info', format: 'text', service: 'w', environment: 'test', destination });
    const variables = { INTEGRATION_ENC_KEY: '0d4b8e26f1a97c53e08b64d2c7f51a3996e0b7d48c23f5a1708d9e6b42c1f5a3' };
    const env = loadEnv([EncryptionEnv, AuditEnv], { variables });
    const duty = erase({ database, encryption: env.get(EncryptionEnv), settings: env.get(AuditEnv), logger });
    const long = new Date(Date.now() - 31 * 86_400_000);
    const workspace = {
      name: 'W',
      kind: 'team',
      tier: 'free',
      createdBy: newId(),
      createdAt: long,
      deletedAt: long,
    } as const;
    const id = newId();
    await new WorkspaceRepository(database).ensure({ id, ...workspace });
    await duty.run(new AbortController().signal);
    expect(await new WorkspaceRepository(database).find(id)).toBeNull();
    expect(await new AuditRepository(database).last(INSTANCE_TRAIL)).toMatchObject({
      action: 'workspace.erased',
      target: { id },
    });
    expect(lines).toEqual([expect.stringContaining('accounts and workspaces were erased count=1')]);
    await test.dispose();
  });

  it('does not begin without the key of the audit trail', () => {
    const { database } = new TestDatabase();
    const logger = createLogger({ level: 'error', format: 'text', service: 'w', environment: 'test' });
    const env = loadEnv([EncryptionEnv, AuditEnv], { variables: {} });
    const parts = { database, encryption: env.get(EncryptionEnv), settings: env.get(AuditEnv), logger };
    expect(() => erase(parts)).toThrow(expect.objectContaining({ exitCode: 78 }));
  });
});
