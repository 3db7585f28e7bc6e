import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net';
import { once } from 'node:events';
import { MongoClient } from 'mongodb';
import { PASSWORD, startServer, type EmbeddedServer } from './testing/embedded-server.ts';

/** Stands between driver and server; cuts the connection when the answer to a marked command passes. */
class Cutter {
  cuts = 0;
  private marked: string | undefined;
  private readonly listener: Server;
  private readonly sockets = new Set<Socket>();

  constructor(target: () => number) {
    this.listener = createServer((near) => {
      const far = connect({ port: target(), host: '127.0.0.1' });
      let cut = false;
      for (const socket of [near, far]) {
        this.sockets.add(socket);
        socket.on('error', () => socket.destroy());
      }
      near.on('data', (chunk: Buffer) => {
        if (this.marked !== undefined && chunk.includes(this.marked)) {
          cut = true;
          this.marked = undefined;
        }
        far.write(chunk);
      });
      far.on('data', (chunk: Buffer) => {
        if (!cut) {
          near.write(chunk);
          return;
        }
        this.cuts += 1;
        near.destroy();
        far.destroy();
      });
      near.on('close', () => far.destroy());
      far.on('close', () => near.destroy());
    });
  }

  async listen(): Promise<number> {
    this.listener.listen(0, '127.0.0.1');
    await once(this.listener, 'listening');
    return (this.listener.address() as AddressInfo).port;
  }

  /** The next command that contains this text is done, and its answer never arrives. */
  mark(text: string): void {
    this.marked = text;
  }

  close(): void {
    this.listener.close();
    for (const socket of this.sockets) socket.destroy();
  }
}

describe('a write whose answer was lost', () => {
  let server: EmbeddedServer;
  let cutter: Cutter;
  let client: MongoClient;

  beforeAll(async () => {
    server = await startServer();
    cutter = new Cutter(() => server.port);
    const port = await cutter.listen();
    client = new MongoClient(
      `mongodb://flowmate:${PASSWORD}@127.0.0.1:${port}/?authSource=admin&directConnection=true`,
    );
    await client.connect();
  });
  afterAll(async () => {
    await client.close();
    cutter.close();
    await server.stop();
  });
  beforeEach(() => {
    cutter.cuts = 0;
  });

  const counters = () => client.db('t').collection<{ _id: string; n: number; marker?: string }>('counters');

  it('is not done twice: $inc', async () => {
    await counters().insertOne({ _id: 'inc', n: 0 });
    cutter.mark('cut-inc');
    const result = await counters().updateOne({ _id: 'inc' }, { $inc: { n: 1 }, $set: { marker: 'cut-inc' } });
    expect(cutter.cuts).toBe(1);
    expect(result).toMatchObject({ matchedCount: 1, modifiedCount: 1 });
    expect(await counters().findOne({ _id: 'inc' })).toMatchObject({ n: 1 });
  });

  it('is answered with the document of the first time: findOneAndUpdate', async () => {
    await counters().insertOne({ _id: 'fam', n: 5 });
    cutter.mark('cut-fam');
    const before = await counters().findOneAndUpdate({ _id: 'fam' }, { $inc: { n: 1 }, $set: { marker: 'cut-fam' } });
    expect(cutter.cuts).toBe(1);
    expect(before).toMatchObject({ n: 5 });
    expect(await counters().findOne({ _id: 'fam' })).toMatchObject({ n: 6 });
  });

  it('is answered with the upserted id of the first time', async () => {
    cutter.mark('cut-upsert');
    const filter = { marker: 'cut-upsert' };
    const result = await counters().updateOne(filter, { $inc: { n: 1 } }, { upsert: true });
    expect(cutter.cuts).toBe(1);
    expect(result.upsertedCount).toBe(1);
    expect(await counters().find(filter).toArray()).toMatchObject([{ _id: result.upsertedId, n: 1 }]);
  });

  it('of many statements is done once each', async () => {
    cutter.mark('cut-many');
    const documents = Array.from({ length: 300 }, (_, n) => ({ _id: `many-${n}`, n, marker: 'cut-many' }));
    const result = await counters().insertMany(documents);
    expect(cutter.cuts).toBe(1);
    expect(result.insertedCount).toBe(300);
    expect(await counters().countDocuments({ marker: 'cut-many' })).toBe(300);
  });
});
