import { TestDatabase } from '../../test/test-database.js';
import { ALL_COLLECTIONS } from '../collections.js';
import { Migrator } from '../migrations/migrator.js';
import { StoreExamination } from './store-examination.js';

describe('the examination of a store', () => {
  const test = new TestDatabase();
  const examination = new StoreExamination(test.database);
  beforeAll(() => test.database.connect());
  afterAll(() => test.dispose());

  it('tells what store it is, and that the majority takes writes', async () => {
    expect(await examination.facts()).toMatchObject({ version: expect.stringMatching(/^\d+\.\d+/) });
    expect(await examination.majorityMs()).toBeLessThan(2_000);
  });

  it('misses every index of ours before the migrations, and none after them', async () => {
    const indexed = ALL_COLLECTIONS.filter(({ schema }) => schema.indexes().length > 0).map(({ name }) => name);
    expect(new Set((await examination.missingIndexes()).map(({ collection }) => collection))).toEqual(new Set(indexed));
    await new Migrator(test.database).up();
    expect(await examination.missingIndexes()).toEqual([]);
  });

  it('names an index that is gone, and one that is there without being unique', async () => {
    const audit = (await test.db()).collection('audit');
    await audit.dropIndex('trail_1_at_1');
    await audit.dropIndex('trail_1_seq_1');
    await audit.createIndex({ trail: 1, seq: 1 });
    expect(await examination.missingIndexes()).toEqual([
      {
        collection: 'audit',
        fields: 'trail, seq',
        remedy: 'db.audit.createIndex({"trail":1,"seq":1}, {"unique":true})',
      },
      { collection: 'audit', fields: 'trail, at', remedy: 'db.audit.createIndex({"trail":1,"at":1})' },
    ]);
  });
});
