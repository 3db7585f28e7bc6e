import { partOf } from './part-of-text.js';

const TEXT = 'aä字😀';
const BYTES = Buffer.from(TEXT);

describe('a part of a text', () => {
  it.each<[string, number, number, string]>([
    ['bytes=0-0', 0, 1, 'bytes 0-0/10'],
    ['bytes=3-', 3, 10, 'bytes 3-9/10'],
    ['bytes=2-999', 2, 10, 'bytes 2-9/10'],
    ['bytes=-4', 6, 10, 'bytes 6-9/10'],
    ['bytes=-99', 0, 10, 'bytes 0-9/10'],
  ])('%s is so many bytes', (range, from, to, contentRange) => {
    expect(partOf(TEXT, range)).toEqual({ bytes: BYTES.subarray(from, to), contentRange });
  });

  it.each([undefined, '', 'bytes=-', 'lines=1-2', 'bytes=0-1,3-4', 'bytes=a-b'])('is all of it for %j', (range) => {
    expect(partOf(TEXT, range)).toEqual({ bytes: BYTES });
  });

  it.each(['bytes=10-', 'bytes=5-4', 'bytes=99-100', 'bytes=-0'])('is none for %j', (range) => {
    expect(() => partOf(TEXT, range)).toThrow('no such part');
  });
});
