import { Writable } from 'node:stream';
import type { HttpReply } from '../http/http.types.js';
import { StreamConnection } from './stream-connection.js';

/** What Node's answer to a request is for a stream, with a reader behind it who takes everything, or nothing. */
class Answer extends Writable {
  readonly socket = { setTimeout: () => undefined, cork: () => undefined, uncork: () => undefined, writableCorked: 0 };
  readonly written: string[] = [];

  constructor(private readonly isReading: boolean) {
    super();
  }

  setHeader(): void {}
  writeHead(): void {}
  flushHeaders(): void {}

  override _write(chunk: Buffer, _: string, done: () => void): void {
    this.written.push(chunk.toString());
    if (this.isReading) done();
  }
}

describe('the connection of a reader', () => {
  beforeEach(() => void jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] }));
  afterEach(() => void jest.useRealTimers());

  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  const connect = (raw: Answer) => {
    const closed = jest.fn();
    const reply = { raw, hijack: () => undefined, getHeaders: () => ({}) } as unknown as HttpReply;
    return { connection: new StreamConnection(reply, closed), closed };
  };

  it('is over when everything has been read', async () => {
    const raw = new Answer(true);
    const { connection, closed } = connect(raw);
    connection.send({ event: 'x', data: 1 });
    connection.end();
    await turn();
    expect([raw.written, closed.mock.calls.length]).toEqual([['event: x\ndata: 1\n\n'], 1]);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('Z09 is cut off when its reader does not take the end either', async () => {
    const raw = new Answer(false);
    const { connection, closed } = connect(raw);
    connection.send({ event: 'x', data: 1 });
    connection.end();
    await turn();
    expect(closed).not.toHaveBeenCalled();
    jest.advanceTimersByTime(15_000);
    await turn();
    expect([raw.destroyed, closed.mock.calls.length]).toEqual([true, 1]);
  });

  it('Z09 is over at once when its reader has left before it began', async () => {
    const raw = new Answer(true);
    raw.destroy();
    await turn();
    const { connection, closed } = connect(raw);
    expect(connection.isClosed).toBe(true);
    await turn();
    expect(closed).toHaveBeenCalledTimes(1);
  });
});
