import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { eventually } from '@flowmate/testing';
import { encode } from '../semantics/bson/encode.ts';
import { Doc, Int32 } from '../semantics/value.ts';
import { Connection, type Service } from './connection.ts';
import { HELLO_WITHIN_MS, WHOLE_MESSAGE_WITHIN_MS } from './limits.ts';
import { message } from './testing/wire-client.ts';

describe('one connection', () => {
  let listener: Server;
  let socket: Socket;
  let connection: Connection;
  let asked: number[];
  let release: () => void;

  /** Says hello to everybody; a command called `wait` is answered when the test says so. */
  const service: Service = {
    answer: async ({ requestId, command }, client) => {
      client.greeted = true;
      asked.push(requestId);
      if (command.has('wait'))
        await new Promise<void>((resolve) => {
          release = resolve;
        });
      return encode(Doc.of({ ok: 1 }));
    },
    refuse: () => encode(Doc.of({ ok: 0 })),
  };

  beforeEach(async () => {
    asked = [];
    listener = createServer((accepted) => {
      connection = new Connection(1, accepted, service);
    }).listen(0, '127.0.0.1');
    await once(listener, 'listening');
    const accepted = once(listener, 'connection');
    socket = connect((listener.address() as AddressInfo).port, '127.0.0.1');
    await Promise.all([once(socket, 'connect'), accepted]);
  });
  afterEach(() => {
    socket.destroy();
    connection.destroy();
    listener.close();
  });

  const ping = (requestId: number, name = 'ping'): Buffer =>
    message(Doc.of({ [name]: new Int32(1), $db: 'test' }), { requestId });
  const answered = async (): Promise<number> => {
    const [bytes] = (await once(socket, 'data')) as [Buffer];
    return bytes.readInt32LE(8);
  };

  it('stays when it logged in without a hello', async () => {
    connection.client.loggedIn = true;
    connection.checkPatience(Date.now() + HELLO_WITHIN_MS + 1);
    socket.write(ping(1));
    expect(await answered()).toBe(1);
  });

  it('ends when it never says hello', async () => {
    connection.checkPatience(Date.now() + HELLO_WITHIN_MS - 1_000);
    expect(socket.destroyed).toBe(false);
    connection.checkPatience(Date.now() + HELLO_WITHIN_MS + 1);
    await once(socket.resume(), 'close');
    expect(asked).toEqual([]);
  });

  it('may be idle for ever once it said hello', async () => {
    socket.write(ping(1));
    expect(await answered()).toBe(1);
    connection.checkPatience(Date.now() + 24 * 60 * 60_000);
    socket.write(ping(2));
    expect(await answered()).toBe(2);
  });

  it('ends when a message stays half sent', async () => {
    socket.write(Buffer.concat([ping(1), ping(2).subarray(0, 20)]));
    expect(await answered()).toBe(1);
    connection.checkPatience(Date.now() + WHOLE_MESSAGE_WITHIN_MS + 1);
    await once(socket.resume(), 'close');
    expect(asked).toEqual([1]);
  });

  it('answers in the order of the questions, one after the other', async () => {
    socket.write(Buffer.concat([ping(1, 'wait'), ping(2)]));
    await eventually(() => expect(asked).toEqual([1]));
    release();
    await eventually(() => expect(asked).toEqual([1, 2]));
  });

  it('answers what runs and what waits when it is stopped, then hangs up', async () => {
    socket.write(Buffer.concat([ping(1, 'wait'), ping(2)]));
    await eventually(() => expect(asked).toEqual([1]));
    const stopped = connection.stop();
    socket.resume();
    release();
    await stopped;
    await once(socket, 'close');
    expect(asked).toEqual([1, 2]);
  });
});
