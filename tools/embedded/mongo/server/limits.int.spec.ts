import { readFileSync } from 'node:fs';
import { MongoClient } from 'mongodb';
import { eventually } from '@flowmate/testing';
import { decode } from '../semantics/bson/decode.ts';
import { encode } from '../semantics/bson/encode.ts';
import { Binary, Doc, Int32 } from '../semantics/value.ts';
import { PASSWORD, startServer, type EmbeddedServer } from './testing/embedded-server.ts';
import { message, WireClient } from './testing/wire-client.ts';

const one = new Int32(1);
const MB = 1024 * 1024;
const MAX_DOCUMENT = 16 * MB;

const rssOf = (pid: number): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024;

function nested(depth: number): Doc {
  let doc = Doc.of({ a: one });
  // As bytes level by level: our own encoder would run out of stack.
  for (let level = 1; level < depth; level++) doc = decode(encode(Doc.of({ a: doc })));
  return doc;
}

/** A document of exactly so many bytes. */
function sized(bytes: number): Doc {
  const around = 4 + (1 + 4 + 4) + (1 + 2 + 4 + 1) + 1;
  return Doc.of({ _id: one, b: new Binary(0, Buffer.alloc(bytes - around)) });
}

describe('limits', () => {
  let server: EmbeddedServer;
  let client: WireClient;

  beforeAll(async () => {
    server = await startServer();
    client = await WireClient.loggedIn(server.port, PASSWORD);
  });
  afterAll(async () => {
    client.close();
    await server.stop();
  });

  it('serves others beside 500 idle connections', async () => {
    const before = rssOf(server.pid);
    const idle = await Promise.all(Array.from({ length: 500 }, () => WireClient.open(server.port)));
    await Promise.all(idle.map((each) => each.ask({ hello: one, $db: 'admin' })));
    expect((await client.ask({ ping: one })).get('ok')).toBe(1);
    const driver = new MongoClient(server.uri);
    expect(await driver.db('t').command({ ping: 1 })).toMatchObject({ ok: 1 });
    await driver.close();
    expect(rssOf(server.pid) - before).toBeLessThan(100 * MB);
    expect(idle.every(({ socket }) => !socket.destroyed)).toBe(true);
    for (const each of idle) each.close();
  });

  it('hangs up on the stranger after the first thousand, and serves who logged in', async () => {
    const strangers = await Promise.all(Array.from({ length: 1_000 }, () => WireClient.open(server.port)));
    await strangers[999]!.ask({ hello: one, $db: 'admin' });
    const late = await WireClient.open(server.port);
    await expect(late.ask({ hello: one, $db: 'admin' })).rejects.toThrow('closed the connection');
    expect((await client.ask({ ping: one })).get('ok')).toBe(1);
    for (const each of strangers) each.close();
    await eventually(async () => {
      const again = await WireClient.open(server.port);
      expect((await again.ask({ hello: one, $db: 'admin' })).get('ok')).toBe(1);
      again.close();
    });
  });

  it('stops reading a client that does not read its answers', async () => {
    const text = 'x'.repeat(MB);
    await client.ask({ insert: 'large', documents: Array.from({ length: 8 }, () => Doc.of({ text })) });
    const deaf = await WireClient.loggedIn(server.port, PASSWORD);
    deaf.socket.pause();
    const before = rssOf(server.pid);
    // 8 MB each, 4 GB together.
    for (let n = 0; n < 500; n++) deaf.socket.write(message(Doc.of({ find: 'large', $db: 'test' }), { requestId: n }));
    for (let n = 0; n < 20; n++) expect((await client.ask({ count: 'large' })).get('n')).toEqual(new Int32(8));
    expect(rssOf(server.pid) - before).toBeLessThan(200 * MB);
    deaf.close();
  });

  it('keeps memory when cursors are opened and never read', async () => {
    const documents = Array.from({ length: 2_000 }, (_, n) => Doc.of({ _id: new Int32(n), text: 'x'.repeat(1_000) }));
    await client.ask({ insert: 'pages', documents });
    const before = rssOf(server.pid);
    for (let n = 0; n < 300; n++) {
      const reply = await client.ask({ find: 'pages', batchSize: new Int32(2) });
      expect(reply.get('ok')).toBe(1);
    }
    expect(rssOf(server.pid) - before).toBeLessThan(150 * MB);
  });

  it('stores a document of 16 MB and refuses one of a byte more', async () => {
    const largest = await client.ask({ insert: 'sizes', documents: [sized(MAX_DOCUMENT)] });
    expect(largest.get('n')).toEqual(one);
    const reply = await client.ask({ insert: 'sizes', documents: [sized(MAX_DOCUMENT + 1)] });
    const [error] = reply.get('writeErrors') as Doc[];
    expect(error?.get('code')).toEqual(new Int32(10334));
    const grown = await client.ask({
      update: 'sizes',
      updates: [Doc.of({ q: new Doc(), u: Doc.of({ $set: Doc.of({ c: 'more' }) }) })],
    });
    expect((grown.get('writeErrors') as Doc[])[0]?.get('code')).toEqual(new Int32(10334));
    const found = await client.ask({ find: 'sizes' });
    expect((found.get('cursor') as Doc).get('firstBatch')).toHaveLength(1);
  });

  it('stores what nests 100 deep and refuses 181, also when an update makes it', async () => {
    const stored = await client.ask({ insert: 'deep', documents: [nested(100)] });
    expect(stored.get('n')).toEqual(one);
    const refused = await client.ask({ insert: 'deep', documents: [nested(181)] });
    expect((refused.get('writeErrors') as Doc[])[0]?.get('code')).toEqual(new Int32(15));
    const path = Array.from({ length: 90 }, () => 'a').join('.');
    const update = Doc.of({ q: new Doc(), u: Doc.of({ $set: Doc.of({ [path]: nested(100) }) }) });
    const grown = await client.ask({ update: 'deep', updates: [update] });
    expect((grown.get('writeErrors') as Doc[])[0]?.get('code')).toEqual(new Int32(15));
  });

  it('refuses messages nested beyond what may arrive, and lives', async () => {
    expect((await client.ask({ find: 'deep', filter: nested(1_000) })).get('code')).toEqual(new Int32(15));
    await eventually(async () => expect((await client.ask({ ping: one })).get('ok')).toBe(1));
  });
});
