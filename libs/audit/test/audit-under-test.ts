import { AuditRepository, Migrator, type AuditEntryDocument } from '@flowmate/database';
import { INSTANCE_TRAIL, type AuditEntry } from '@flowmate/domain';
import { TestDatabase } from '../../database/test/test-database.js';
import { AuditChain, AuditLog, AuditReader, AuditRetention, AuditVerifier, type AuditLine } from '../src/index.js';

export const AUDIT_SECRET = '9f2c41d8b7e06a35c1f4d92e8b60a7533ec8d1f4a97b2065e4c8d3b1f7a09526';

/** The trails of a database of its own, the lines they leave behind, and the store as who broke into it sees it. */
export class AuditUnderTest {
  readonly store = new TestDatabase();
  readonly lines: AuditLine[] = [];
  readonly chain = new AuditChain(AUDIT_SECRET);
  readonly repository = new AuditRepository(this.store.database);
  readonly reader = new AuditReader(this.repository);
  readonly verifier = new AuditVerifier(this.repository, this.chain);
  readonly retention = new AuditRetention(this.repository, this.chain);
  readonly log = this.process();

  /** Another process on the same store. */
  process(now?: () => Date): AuditLog {
    const sink = { write: (line: AuditLine) => void this.lines.push(line) };
    return new AuditLog({ repository: this.repository, chain: this.chain, sink, ...(now && { now }) });
  }

  async start(): Promise<void> {
    await this.store.database.connect();
    await new Migrator(this.store.database).up();
  }

  async entries() {
    return (await this.store.db()).collection<AuditEntryDocument>('audit');
  }

  async heads() {
    return (await this.store.db()).collection<{ _id: string }>('audit_heads');
  }

  async record(count: number, entry: Partial<AuditEntry> = {}): Promise<void> {
    for (let one = 0; one < count; one += 1) await this.log.record(anEntry(entry));
  }
}

export function anEntry(entry: Partial<AuditEntry> = {}): AuditEntry {
  return {
    trail: INSTANCE_TRAIL,
    action: 'auth.signed_in',
    actor: { kind: 'user', id: '66f000000000000000000001' },
    target: { kind: 'session', id: '66f000000000000000000002' },
    outcome: 'done',
    from: { address: '192.0.2.1', userAgent: 'Mozilla/5.0 (X11; Linux x86_64)' },
    details: { method: 'link', count: 1, isNew: false },
    ...entry,
  };
}
