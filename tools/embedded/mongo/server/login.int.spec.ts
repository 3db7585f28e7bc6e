import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { MongoClient } from 'mongodb';
import { eventually } from '@flowmate/testing';
import { Binary, Doc, Int32 } from '../semantics/value.ts';
import { newFolder, PASSWORD, spawnServer, startServer, type EmbeddedServer } from './testing/embedded-server.ts';
import { WireClient } from './testing/wire-client.ts';

const one = new Int32(1);

async function ended(args: readonly string[], password = PASSWORD): Promise<{ code: number; stderr: string }> {
  const child = spawnServer(args, password);
  let stderr = '';
  child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const [code] = (await once(child, 'exit')) as [number];
  return { code, stderr };
}

describe('who may talk to the embedded MongoDB', () => {
  let server: EmbeddedServer;
  const open: WireClient[] = [];
  const stranger = async (): Promise<WireClient> => {
    const client = await WireClient.open(server.port);
    open.push(client);
    return client;
  };

  beforeAll(async () => {
    server = await startServer();
  });
  afterAll(async () => {
    for (const client of open) client.close();
    await server.stop();
  });

  it('lets the official driver in with the password, as the primary of a replica set of one', async () => {
    const client = new MongoClient(server.uri);
    try {
      const hello = await client.db('admin').command({ hello: 1 });
      expect(hello).toMatchObject({ setName: 'flowmate', isWritablePrimary: true, maxWireVersion: 21 });
      expect(hello).toMatchObject({ hosts: [`127.0.0.1:${server.port}`], logicalSessionTimeoutMinutes: 30 });
      const build = await client.db('admin').command({ buildInfo: 1 });
      expect(build).toMatchObject({ flowmateEmbedded: true, versionArray: [7, 0, 0, 0] });
    } finally {
      await client.close();
    }
  });

  it.each([
    ['a wrong password', 'flowmate:wrong'],
    ['an unknown user', `somebody:${PASSWORD}`],
  ])('refuses %s with code 18', async (_case, credentials) => {
    const client = new MongoClient(`mongodb://${credentials}@127.0.0.1:${server.port}/?authSource=admin`);
    try {
      await expect(client.db('t').command({ ping: 1 })).rejects.toMatchObject({ code: 18 });
    } finally {
      await client.close();
    }
  });

  it('refuses SCRAM-SHA-1 by name', async () => {
    const client = await stranger();
    const payload = new Binary(0, Buffer.from('n,,n=flowmate,r=abc'));
    const reply = await client.ask({ saslStart: one, mechanism: 'SCRAM-SHA-1', payload, $db: 'admin' });
    expect(reply.get('code')).toEqual(new Int32(334));
  });

  it.each(['ping', 'find', 'insert', 'serverStatus', 'bulkWrite', 'buildInfo'])(
    'refuses %s before the password was given',
    async (name) => {
      const client = await stranger();
      expect((await client.ask({ [name]: 'c' })).get('code')).toEqual(new Int32(13));
    },
  );

  it('lets a stranger say hello, and tells no more than that', async () => {
    const client = await stranger();
    expect((await client.ask({ hello: one, $db: 'admin' })).get('ok')).toBe(1);
  });

  it('does not take the proof of one login for another', async () => {
    const client = await stranger();
    const payload = new Binary(0, Buffer.from('c=biws,r=abc,p=abc'));
    const reply = await client.ask({ saslContinue: one, conversationId: one, payload, $db: 'admin' });
    expect(reply.get('code')).toEqual(new Int32(17));
    expect((await client.ask({ ping: one })).get('code')).toEqual(new Int32(13));
  });

  it('forgets a login when the next one on the same connection fails', async () => {
    const client = await WireClient.loggedIn(server.port, PASSWORD);
    open.push(client);
    expect((await client.ask({ ping: one })).get('ok')).toBe(1);
    expect((await client.login('wrong')).get('code')).toEqual(new Int32(18));
    expect((await client.ask({ ping: one })).get('code')).toEqual(new Int32(13));
  });

  it('closes the connection of a stranger who sends more than a login needs', async () => {
    const client = await stranger();
    const large = Doc.of({ hello: one, padding: 'x'.repeat(100_000) });
    await expect(client.ask(large)).rejects.toThrow('closed the connection');
  });

  it.each(['0.0.0.0', '::1', 'localhost', '192.168.0.1'])('does not listen on %s', async (host) => {
    const { code, stderr } = await ended(['--data', newFolder(), '--port', '0', '--host', host]);
    expect(code).toBe(1);
    expect(stderr).toContain('127.0.0.1 only');
  });

  it('does not start without a password', async () => {
    const { code, stderr } = await ended(['--data', newFolder(), '--port', '0'], '');
    expect(code).toBe(1);
    expect(stderr).toContain('FLOWMATE_EMBEDDED_PASSWORD');
  });

  it('says so and ends when the port is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const folder = newFolder();
    try {
      const { code, stderr } = await ended(['--data', folder, '--port', String(port)]);
      expect(code).toBe(1);
      expect(stderr).toContain('the port is already in use');
    } finally {
      other.close();
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('finishes what is running on SIGTERM, tells the driver to come again with the rest, and ends with 0', async () => {
    const folder = newFolder();
    const first = await startServer({ folder });
    const [client, watcher] = await Promise.all([1, 2].map(() => WireClient.loggedIn(first.port, PASSWORD)));
    const documents = Array.from({ length: 60_000 }, (_, n) => Doc.of({ _id: new Int32(n) }));
    const running = client!.ask({ insert: 'c', documents });
    const lsid = Doc.of({ id: new Binary(4, Buffer.alloc(16, 3)) });
    const waiting = client!.ask({ insert: 'c', documents: [Doc.of({ late: true })], lsid, txnNumber: 1n });
    await eventually(async () => expect((await watcher!.ask({ count: 'c' })).get('n')).not.toEqual(new Int32(0)));
    const exited = once(first.child, 'exit');
    first.child.kill('SIGTERM');
    expect((await running).get('n')).toEqual(new Int32(60_000));
    const refused = await waiting;
    expect(refused.get('code')).toEqual(new Int32(91));
    expect(refused.get('errorLabels')).toEqual(['RetryableWriteError']);
    await exited;
    expect(first.child.exitCode).toBe(0);
    rmSync(folder, { recursive: true, force: true });
  });
});
