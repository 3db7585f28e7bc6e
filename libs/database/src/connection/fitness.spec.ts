import { unfitness } from './fitness.js';

const store = (info: object, hello: object) =>
  unfitness({ buildInfo: () => Promise.resolve(info), command: () => Promise.resolve(hello) } as never);

describe('a store for production', () => {
  it('may be a replica set or a sharded cluster', async () => {
    expect(await store({ versionArray: [8, 0, 1] }, { setName: 'rs0' })).toBeUndefined();
    expect(await store({ versionArray: [7, 0, 0] }, { msg: 'isdbgrid' })).toBeUndefined();
  });

  it.each([
    ['the embedded store', { flowmateEmbedded: true, versionArray: [7] }, { setName: 'rs0' }],
    ['no replica set', { versionArray: [8] }, {}],
    ['older than 7', { versionArray: [6, 0, 20] }, { setName: 'rs0' }],
  ])('may not be %s', async (words, info, hello) => {
    expect(await store(info, hello)).toMatchObject({ exitCode: 78, message: expect.stringContaining(words) });
  });
});
