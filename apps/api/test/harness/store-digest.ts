import { createHash } from 'node:crypto';
import { MongoClient } from 'mongodb';
import { testStores } from '@flowmate/testing';

/** Written by the mere asking: notes of use, trails, and what the system does for itself. */
const BESIDE_THE_POINT = new Set(['audit', 'audit_heads', 'canaries', 'migration_lock', 'migrations']);

/** What everything that people have in a database is at this moment, in one word: two equal words, no change. */
export class StoreDigest {
  private readonly client = new MongoClient(testStores().mongoUri);

  constructor(private readonly name: string) {}

  async take(): Promise<string> {
    const db = this.client.db(this.name);
    const hash = createHash('sha256');
    const names = (await db.listCollections().toArray()).map(({ name }) => name).sort();
    for (const name of names.filter((one) => !BESIDE_THE_POINT.has(one))) {
      const documents = await db
        .collection(name)
        .find({}, { projection: { lastUsedAt: 0 } })
        .sort({ _id: 1 })
        .toArray();
      hash.update(`${name} ${JSON.stringify(documents)}`);
    }
    return hash.digest('hex');
  }

  /** Everything, as text, for who looks for something that must be nowhere. */
  async dump(): Promise<string> {
    const db = this.client.db(this.name);
    const names = (await db.listCollections().toArray()).map(({ name }) => name);
    const all = await Promise.all(names.map(async (name) => [name, await db.collection(name).find().toArray()]));
    return JSON.stringify(all);
  }

  close(): Promise<void> {
    return this.client.close();
  }
}
