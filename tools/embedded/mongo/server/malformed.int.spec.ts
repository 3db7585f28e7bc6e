import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { Doc, Int32 } from '../semantics/value.ts';
import { crc32c } from './crc32c.ts';
import { PASSWORD, startServer, type EmbeddedServer } from './testing/embedded-server.ts';
import { message, WireClient } from './testing/wire-client.ts';

const one = new Int32(1);

/** Numbers that look random and are the same in every run (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
  };
}

const VALID: readonly Doc[] = [
  Doc.of({ find: 'c', filter: Doc.of({ a: Doc.of({ $in: [one, 'x', null] }) }), sort: Doc.of({ a: one }), $db: 'm' }),
  Doc.of({ insert: 'c', documents: [Doc.of({ a: [one, 2.5, 'text', Doc.of({ b: true })] })], $db: 'm' }),
  Doc.of({ update: 'c', updates: [Doc.of({ q: new Doc(), u: Doc.of({ $push: Doc.of({ a: 1n }) }) })], $db: 'm' }),
  Doc.of({ aggregate: 'c', pipeline: [Doc.of({ $match: Doc.of({ a: 'x' }) })], cursor: new Doc(), $db: 'm' }),
  Doc.of({ getMore: 5n, collection: 'c', $db: 'm' }),
];

/** One to four bytes changed, cut out or doubled; sometimes the end is missing. */
function mutated(bytes: Buffer, random: () => number): Buffer {
  let result = Buffer.from(bytes);
  const at = (): number => Math.floor(random() * result.length);
  for (let times = 1 + Math.floor(random() * 4); times > 0; times--) {
    const kind = random();
    const place = at();
    if (kind < 0.7) result[place] = Math.floor(random() * 256);
    else if (kind < 0.8) result = Buffer.concat([result.subarray(0, place), result.subarray(place + 1)]);
    else if (kind < 0.9) result = Buffer.concat([result.subarray(0, place), result.subarray(Math.max(0, place - 3))]);
    else result = result.subarray(0, Math.max(1, place));
  }
  // Mostly the length is right, or nothing behind it would be looked at.
  if (result.length >= 16 && random() < 0.8) result.writeInt32LE(result.length, 0);
  return result;
}

const rssOf = (pid: number): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024;

/** Sends bytes and waits until the server hangs up; the number of bytes it answered. */
async function answered(port: number, bytes: Buffer): Promise<number> {
  const socket = connect({ port, host: '127.0.0.1' });
  socket.on('error', () => socket.destroy());
  await once(socket, 'connect');
  let received = 0;
  socket.on('data', (chunk: Buffer) => (received += chunk.length));
  socket.write(bytes);
  await once(socket, 'close');
  return received;
}

describe('malformed messages', () => {
  let server: EmbeddedServer;
  let witness: WireClient;
  const sockets: Socket[] = [];

  beforeAll(async () => {
    server = await startServer();
    witness = await WireClient.loggedIn(server.port, PASSWORD);
    for (const command of VALID) await witness.ask(command);
  });
  afterAll(async () => {
    witness.close();
    for (const socket of sockets) socket.destroy();
    await server.stop();
  });
  afterEach(async () => {
    // Rejects, and so fails the test, when the server is gone.
    await witness.ask({ ping: one });
  });

  it('are answered with an error or end the connection: 1,000 mutations after a login', async () => {
    const random = seeded(20_260);
    const before = rssOf(server.pid);
    let closed = 0;
    const pings: unknown[] = [];
    for (let n = 0; n < 1_000; n++) {
      const client = await WireClient.loggedIn(server.port, PASSWORD);
      const valid = message(VALID[n % VALID.length]!, { requestId: n });
      const { socket } = client;
      const over = new Promise<void>((resolve) => {
        socket.once('data', () => resolve());
        socket.once('close', () => resolve());
      });
      socket.write(mutated(valid, random));
      // What was cut short leaves the server waiting: the ping completes it or is answered.
      socket.write(message(Doc.of({ ping: one, $db: 'm' }), { requestId: 2_000_000 }));
      const quiet = setTimeout(() => socket.destroy(), 50);
      await over;
      clearTimeout(quiet);
      if (socket.destroyed) closed += 1;
      socket.destroy();
      pings.push((await witness.ask({ ping: one })).get('ok'));
    }
    expect(closed).toBeGreaterThan(0);
    expect(pings.every((ok) => ok === 1)).toBe(true);
    // Room for code that became hot and for the heap to breathe, not for a thousand messages that stay.
    expect(rssOf(server.pid) - before).toBeLessThan(120 * 1024 * 1024);
    expect(server.stderr()).not.toContain('command failed');
  }, 60_000);

  it.each([
    ['a negative length', -1],
    ['a length below a header', 15],
    ['a length of 2 GB', 2 ** 31 - 1],
    ['one byte more than 48 MB', 48_000_001],
  ])('with %s end the connection', async (_case, length) => {
    const bytes = message(Doc.of({ ping: one, $db: 'm' }));
    bytes.writeInt32LE(length, 0);
    expect(await answered(server.port, bytes)).toBe(0);
  });

  it.each([0, 1, 2001, 2002, 2005, 2006, 2007, 2012, 9999])('of operation %d end the connection', async (opCode) => {
    const bytes = message(Doc.of({ ping: one, $db: 'm' }));
    bytes.writeInt32LE(opCode, 12);
    expect(await answered(server.port, bytes)).toBe(0);
  });

  it('with a flag that must be understood and is not end the connection', async () => {
    const client = await WireClient.loggedIn(server.port, PASSWORD);
    client.socket.write(message(Doc.of({ ping: one, $db: 'm' }), { flags: 4 }));
    await once(client.socket, 'close');
    expect(client.socket.bytesRead).toBeGreaterThan(0);
  });

  it('are told from whole ones by their checksum', async () => {
    const client = await WireClient.loggedIn(server.port, PASSWORD);
    const plain = message(Doc.of({ ping: one, $db: 'm' }), { requestId: 77, flags: 1 });
    const signed = (sum: number): Buffer => {
      const whole = Buffer.concat([plain, Buffer.alloc(4)]);
      whole.writeInt32LE(whole.length, 0);
      whole.writeUInt32LE((crc32c(whole.subarray(0, -4)) ^ sum) >>> 0, whole.length - 4);
      return whole;
    };
    client.socket.write(signed(0));
    const [answer] = (await once(client.socket, 'data')) as [Buffer];
    expect(answer.readInt32LE(8)).toBe(77);
    client.socket.write(signed(1));
    await once(client.socket, 'close');
  });

  it('that stay half sent do not keep others waiting, nor reserve what they promise', async () => {
    const before = rssOf(server.pid);
    for (let n = 0; n < 200; n++) {
      const socket = connect({ port: server.port, host: '127.0.0.1' });
      sockets.push(socket);
      await once(socket, 'connect');
      const head = Buffer.alloc(16);
      head.writeInt32LE(60_000, 0);
      socket.write(head);
    }
    expect((await witness.ask({ ping: one })).get('ok')).toBe(1);
    expect(rssOf(server.pid) - before).toBeLessThan(50 * 1024 * 1024);
  });

  it('with malformed documents deep inside are answered with code 22', async () => {
    const client = await WireClient.loggedIn(server.port, PASSWORD);
    const bytes = message(Doc.of({ insert: 'c', documents: [Doc.of({ a: Doc.of({ b: 'text' }) })], $db: 'm' }));
    // The length in front of "text", which then says more than there is.
    bytes.writeInt32LE(1_000, bytes.indexOf('text') - 4);
    client.socket.write(bytes);
    const [answer] = (await once(client.socket, 'data')) as [Buffer];
    expect(answer.includes('InvalidBSON')).toBe(true);
    client.close();
  });
});
