import { createConnection, Schema, type Connection, type InferSchemaType, type Model } from 'mongoose';
import { ContractStore } from './contract-store.js';

const agentSchema = new Schema(
  {
    workspace: { type: String, required: true },
    name: { type: String, required: true },
    version: { type: Number, default: 1 },
    tools: [{ _id: false, id: String, policy: { type: String, enum: ['allow', 'ask', 'deny'] } }],
    settings: { model: String, limits: { steps: Number } },
    deletedAt: Date,
  },
  { timestamps: true, optimisticConcurrency: true, autoIndex: false, strict: 'throw' },
);
agentSchema.index({ workspace: 1, name: 1 }, { unique: true, partialFilterExpression: { deletedAt: null } });
agentSchema.index({ workspace: 1, createdAt: -1, _id: -1 });

type Agent = InferSchemaType<typeof agentSchema>;

describe('a store behind Mongoose', () => {
  let store: ContractStore;
  let connection: Connection;
  let agents: Model<Agent>;

  beforeAll(async () => {
    store = new ContractStore();
    connection = await createConnection(store.uri, {
      dbName: store.name,
      writeConcern: { w: 'majority', j: true },
    }).asPromise();
    agents = connection.model<Agent>('Agent', agentSchema);
    await agents.createIndexes();
  });
  afterAll(async () => {
    await connection.close();
    await store.dispose();
  });
  beforeEach(() => agents.deleteMany({}));

  it('creates, finds, changes and deletes', async () => {
    const made = await agents.create({ workspace: 'w', name: 'a', tools: [{ id: 'github', policy: 'ask' }] });
    const found = await agents.findOne({ workspace: 'w', _id: made._id }).lean().exec();
    expect(found).toMatchObject({ name: 'a', version: 1, tools: [{ id: 'github', policy: 'ask' }] });
    expect(found?.createdAt).toBeInstanceOf(Date);
    const filter = { _id: made._id, version: 1 };
    const changed = await agents.findOneAndUpdate(filter, { $inc: { version: 1 } }, { returnDocument: 'after' });
    expect(changed?.version).toBe(2);
    expect(await agents.findOneAndUpdate(filter, { $inc: { version: 1 } })).toBeNull();
    expect(await agents.deleteOne({ _id: made._id })).toMatchObject({ deletedCount: 1 });
  });

  it('has the indexes of the schema, and syncs them to none when they go', async () => {
    const names = (await agents.listIndexes()).map(({ name }) => name);
    expect(names).toEqual(['_id_', 'workspace_1_name_1', 'workspace_1_createdAt_-1__id_-1']);
    expect(await agents.syncIndexes()).toEqual([]);
  });

  it('refuses a name that is taken, and takes it again once it is free', async () => {
    const first = await agents.create({ workspace: 'w', name: 'same' });
    await expect(agents.create({ workspace: 'w', name: 'same' })).rejects.toMatchObject({ code: 11_000 });
    await agents.updateOne({ _id: first._id }, { $set: { deletedAt: new Date() } });
    expect((await agents.create({ workspace: 'w', name: 'same' })).name).toBe('same');
  });

  it('notices that somebody else saved first', async () => {
    const { _id } = await agents.create({ workspace: 'w', name: 'a' });
    const [mine, theirs] = await Promise.all([agents.findById(_id), agents.findById(_id)]);
    mine!.settings = { model: 'small', limits: { steps: 5 } };
    await mine!.save();
    theirs!.name = 'b';
    await expect(theirs!.save()).rejects.toMatchObject({ name: 'VersionError' });
  });

  it('pages by a compound key', async () => {
    await agents.insertMany(Array.from({ length: 25 }, (_, i) => ({ workspace: 'w', name: `a${i}` })));
    const names: string[] = [];
    let after: { createdAt: Date; _id: unknown } | undefined;
    for (let page = 0; page < 3; page += 1) {
      const beyond = after && {
        $or: [{ createdAt: { $lt: after.createdAt } }, { createdAt: after.createdAt, _id: { $lt: after._id } }],
      };
      const found = await agents
        .find({ workspace: 'w', ...beyond } as never)
        .sort({ createdAt: -1, _id: -1 })
        .limit(10)
        .lean();
      names.push(...found.map(({ name }) => name));
      after = found.at(-1);
    }
    expect(new Set(names).size).toBe(25);
  });

  it('streams, writes in bulk, counts and groups', async () => {
    await agents.bulkWrite([
      { insertOne: { document: { workspace: 'w', name: 'a' } as Agent } },
      { insertOne: { document: { workspace: 'v', name: 'b' } as Agent } },
      { updateMany: { filter: {}, update: { $set: { version: 7 } } } },
    ]);
    const names: string[] = [];
    for await (const agent of agents.find().sort({ name: 1 }).cursor({ batchSize: 1 })) names.push(agent.name);
    expect(names).toEqual(['a', 'b']);
    expect(await agents.countDocuments({ version: 7 })).toBe(2);
    expect(await agents.exists({ workspace: 'nobody' })).toBeNull();
    const groups = await agents.aggregate([{ $group: { _id: '$workspace', n: { $sum: 1 } } }, { $sort: { _id: 1 } }]);
    expect(groups).toEqual([
      { _id: 'v', n: 1 },
      { _id: 'w', n: 1 },
    ]);
  });
});
