import { MongoClient } from 'mongodb';
import { eventually } from '@flowmate/testing';
import { SharedStores } from './start.js';

describe('the stores of the tests', () => {
  it('notice a query that looks through many documents because no index serves it', async () => {
    const stores = new SharedStores();
    try {
      const { mongoUri = '' } = await stores.ready();
      const client = await MongoClient.connect(mongoUri);
      const runs = client.db('scans').collection<{ status: string; rank: number }>('runs');
      await runs.insertMany(Array.from({ length: 2_000 }, (_, rank) => ({ status: 'queued', rank })));
      expect(await runs.findOne({ rank: 1_999, status: 'queued' })).not.toBeNull();
      await eventually(() => expect(stores.scans).toHaveLength(1));
      expect(stores.scans[0]).toContain('scans.runs');
      await runs.createIndex({ rank: 1 });
      expect(await runs.findOne({ rank: 1_998 })).not.toBeNull();
      expect(stores.scans).toHaveLength(1);
      // Found by an index, and all of it sorted for the sake of one.
      await runs.createIndex({ status: 1 });
      expect(await runs.find({ status: 'queued' }).sort({ other: 1 }).limit(1).toArray()).toHaveLength(1);
      await eventually(() => expect(stores.scans).toHaveLength(2));
      // Read as a whole, which is what was asked for.
      expect(await runs.find({ status: 'queued', rank: { $not: { $gt: -1 } } }).toArray()).toEqual([]);
      expect(stores.scans).toHaveLength(2);
      await client.close();
    } finally {
      await stores.stop();
    }
  });
});
