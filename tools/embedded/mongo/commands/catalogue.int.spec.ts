import { Doc, Int32 } from '../semantics/value.ts';
import { testStore, type TestStore } from '../storage/testing/store.ts';
import type { Call, Services } from './call.ts';
import { CATALOGUE_COMMANDS } from './catalogue.ts';
import { Cursors } from './cursors.ts';

describe('the same change of the catalogue, asked twice in one moment', () => {
  let test: TestStore;
  let cursors: Cursors;
  beforeEach(() => {
    test = testStore({ readers: 0 });
    cursors = new Cursors();
  });
  afterEach(async () => {
    cursors.close();
    await test.remove();
  });

  const twice = (name: 'create' | 'drop'): Promise<unknown[]> => {
    const call = { name, db: 'test', command: Doc.of({ [name]: 'c' }) } as unknown as Call;
    const services = { store: test.store, cursors } as unknown as Services;
    return Promise.all([1, 2].map(() => CATALOGUE_COMMANDS[name]!.run(call, services)));
  };

  it('succeeds twice, once it is on disk', async () => {
    expect(await twice('create')).toEqual([{}, {}]);
    expect(test.store.collection('test.c')).toBeDefined();
    expect(await twice('drop')).toEqual([{ nIndexesWas: new Int32(1), ns: 'test.c' }, {}]);
    expect(test.store.collection('test.c')).toBeUndefined();
  });
});
