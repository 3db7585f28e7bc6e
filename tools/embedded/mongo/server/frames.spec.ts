import { decode, Doc, encode } from '../semantics/index.ts';
import { checkBson } from './bson-check.ts';
import { crc32c } from './crc32c.ts';
import { Frames } from './frames.ts';
import { credentialOf, ScramConversation } from './scram.ts';

function frame(length: number): Buffer {
  const bytes = Buffer.alloc(length, length);
  bytes.writeInt32LE(length, 0);
  return bytes;
}

describe('messages cut from a stream', () => {
  it.each([1, 3, 7, 16, 1_000])('come out whole and in order when they arrive in pieces of %d bytes', (size) => {
    const sent = [frame(16), frame(20), frame(100), frame(17)];
    const stream = Buffer.concat(sent);
    const frames = new Frames();
    const received: Buffer[] = [];
    for (let at = 0; at < stream.length; at += size) {
      frames.push(stream.subarray(at, at + size));
      for (let next = frames.next(200); next; next = frames.next(200)) received.push(Buffer.from(next));
    }
    expect(received.map((one) => one.toString('hex'))).toEqual(sent.map((one) => one.toString('hex')));
    expect(frames.partial).toBe(false);
  });

  it.each([-1, 0, 15, 201])('are refused when they say they have %d bytes', (length) => {
    const head = Buffer.alloc(4);
    head.writeInt32LE(length, 0);
    const frames = new Frames();
    frames.push(head);
    expect(() => frames.next(200)).toThrow('bytes');
  });
});

describe('the checksum of messages', () => {
  it('is the Castagnoli CRC: the value of its specification', () => {
    expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
  });
});

describe('the check of documents that arrive', () => {
  const bytes = encode(Doc.of({ a: 'text', b: Doc.of({ c: [true, null, 1.5, 2n] }) }));

  it('passes what is whole and tells how deep it is', () => {
    expect(checkBson(bytes, 0, bytes.length)).toEqual({ end: bytes.length, depth: 3 });
  });

  it('refuses every cut', () => {
    for (let length = 0; length < bytes.length; length++)
      expect(() => checkBson(bytes, 0, length)).toThrow('Invalid BSON');
  });

  it('passes only what can be decoded to the last byte', () => {
    const read = (doc: Doc): void => {
      for (const value of doc.values()) if (value instanceof Doc) read(value);
    };
    let passed = 0;
    for (let at = 4; at < bytes.length; at++)
      for (const byte of [0, 1, 2, 3, 5, 8, 0x12, 0x7f, 0xff]) {
        const changed = Buffer.from(bytes);
        changed[at] = byte;
        try {
          checkBson(changed, 0, changed.length);
        } catch {
          continue;
        }
        passed += 1;
        read(decode(changed));
      }
    expect(passed).toBeGreaterThan(0);
  });
});

describe('the login', () => {
  const credential = credentialOf('flowmate', 'secret');

  it('challenges an unknown user like a known one', () => {
    const first = new ScramConversation(credential, true).start('n,,n=flowmate,r=abc');
    const other = new ScramConversation(credential, true).start('n,,n=nobody,r=abc');
    expect(first).toMatch(/^r=abc.{32},s=.+,i=15000$/);
    expect(other).toMatch(/^r=abc.{32},s=.+,i=15000$/);
  });

  it.each(['', 'y,,n=flowmate,r=abc', 'n,,n=flowmate', 'p=tls-unique,,n=flowmate,r=abc', 'n,,m=x,n=flowmate,r=abc'])(
    'refuses to begin with «%s»',
    (payload) => {
      expect(new ScramConversation(credential, true).start(payload)).toBeUndefined();
    },
  );

  it.each(['', 'c=biws,r=abc,p=AAAA', 'c=eSws,r=abc,p=AAAA'])('refuses the proof «%s»', (payload) => {
    const login = new ScramConversation(credential, true);
    login.start('n,,n=flowmate,r=abc');
    expect(login.finish(payload)).toBeUndefined();
  });
});
