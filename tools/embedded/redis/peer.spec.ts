import { ByteQueue } from './peer.ts';

describe('a queue of bytes', () => {
  it('gives out in any pieces what came in others', () => {
    const queue = new ByteQueue();
    const input = Buffer.from('abcdefghijklmnopqrstuvwxyz');
    for (const [from, to] of [
      [0, 1],
      [1, 10],
      [10, 26],
    ]) {
      queue.push(input.subarray(from, to));
    }
    const read: string[] = [];
    while (queue.length > 0) {
      const target = Buffer.alloc(read.length + 1);
      read.push(target.toString('utf8', 0, queue.read(target)));
    }
    expect(read).toEqual(['a', 'bc', 'def', 'ghij', 'klmno', 'pqrstu', 'vwxyz']);
  });

  it('tells how much it holds', () => {
    const queue = new ByteQueue();
    queue.push(Buffer.from('abc'));
    queue.push(Buffer.from('de'));
    expect(queue.read(Buffer.alloc(4))).toBe(4);
    expect(queue.length).toBe(1);
    expect(queue.read(Buffer.alloc(4))).toBe(1);
    expect(queue.read(Buffer.alloc(4))).toBe(0);
  });
});
