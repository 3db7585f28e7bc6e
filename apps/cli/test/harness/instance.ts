import { AuditChain, AuditLog } from '@flowmate/audit';
import { AuditRepository, CanaryRepository, Migrator } from '@flowmate/database';
import { testStores } from '@flowmate/testing';
import { TestDatabase } from '../../../../libs/database/test/test-database.js';
import { ALL_COMMANDS } from '../../src/commands/all-commands.js';
import { FlowmateCli } from '../../src/flowmate.cli.js';

/** Keys as `openssl rand -hex 32` makes them. */
export const KEYS = {
  JWT_SECRET: '1f0c86a5e3b94d27f6a8c01b5d9e4372a6b8f0d1c35e79248b6d0f2a4c8e1375',
  REFRESH_SECRET: '8d41b7f2c6053ea9d7b1f4826c0e95a33f7a1c8e5b2d60947e8c1a3f5d7b9042',
  INTEGRATION_ENC_KEY: '9f2c41d8b7e06a35c1f4d92e8b60a7533ec8d1f4a97b2065e4c8d3b1f7a09526',
};

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** A whole instance: a database that is migrated, a worker that was seen, an audit trail, and the settings of it all. */
export class InstanceUnderTest {
  readonly store = new TestDatabase();
  readonly chain = new AuditChain(KEYS.INTEGRATION_ENC_KEY);
  readonly audit = new AuditLog({ repository: new AuditRepository(this.store.database), chain: this.chain });

  async start(): Promise<void> {
    await this.store.database.connect();
    await new Migrator(this.store.database).up();
    await this.beat();
  }

  async beat(): Promise<void> {
    await new CanaryRepository(this.store.database).beat('worker-1');
  }

  get settings(): Record<string, string> {
    const { mongoUri, redisUrl } = testStores();
    return {
      MONGODB_URI: mongoUri,
      MONGODB_DATABASE: this.store.database.name,
      MONGODB_TIMEOUT: '2s',
      REDIS_URL: redisUrl,
      ...KEYS,
    };
  }

  /** The command line in this process, with these settings and no others; `migrate` is tried as one of its own. */
  async flowmate(line: string, more: Record<string, string> = {}): Promise<Ended> {
    const before = process.env;
    process.env = { ...this.settings, ...more };
    let [out, err] = ['', ''];
    const result = (text: string): void => void (out += `${text}\n`);
    const note = (text: string): void => void (err += `${text}\n`);
    try {
      const terminal = { isInteractive: false, result, note };
      const code = await new FlowmateCli(ALL_COMMANDS, terminal).run(line.split(' '));
      return { code, out, err };
    } finally {
      process.env = before;
    }
  }

  /** What a command answers to a program. */
  async answer<T>(line: string, code = 0): Promise<T> {
    const ended = await this.flowmate(line);
    if (ended.code !== code || ended.err !== '') throw new Error(`${line} ended with ${ended.code}: ${ended.err}`);
    return JSON.parse(ended.out) as T;
  }

  async entries() {
    return (await this.store.db()).collection<{ _id: string; seq: number }>('audit');
  }
}
