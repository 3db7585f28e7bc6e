import { encodeCommand, ReplyReader, type Reply } from './resp.ts';

function readInPieces(text: string, size: number): Reply[] {
  const bytes = Buffer.from(text);
  const reader = new ReplyReader();
  const replies: Reply[] = [];
  for (let at = 0; at < bytes.length; at += size) {
    reader.push(bytes.subarray(at, at + size));
    for (let reply = reader.take(); reply !== undefined; reply = reader.take()) replies.push(reply);
  }
  return replies;
}

describe('replies of a Redis server', () => {
  it.each([1, 2, 7, 1_000])('are read whole from pieces of %d bytes', (size) => {
    const text = '+OK\r\n:42\r\n$5\r\nsü\r\n\r\n-ERR no\r\n$-1\r\n$0\r\n\r\n';
    expect(readInPieces(text, size)).toEqual(['OK', 42, 'sü\r\n', { error: 'ERR no' }, null, '']);
  });

  it('are refused when they are none', () => {
    expect(() => readInPieces('HTTP/1.1 400 Bad Request\r\n', 100)).toThrow('not the answer of a Redis server');
    expect(() => readInPieces('+'.repeat(100_000), 100_000)).toThrow('not the answer of a Redis server');
  });
});

describe('a command', () => {
  it('counts bytes, not characters', () => {
    expect(encodeCommand(['SET', 'ä', '']).toString()).toBe('*3\r\n$3\r\nSET\r\n$2\r\nä\r\n$0\r\n\r\n');
  });
});
