import fc from 'fast-check';
import { decode } from '../bson/decode.ts';
import { encode } from '../bson/encode.ts';
import { BsonDate, Decimal128, Doc, Int32, ObjectId, type Value } from '../value.ts';
import { compileUpdate } from './compile.ts';

const NOW = new BsonDate(0n);
const value: fc.Arbitrary<Value> = fc.letrec<{ any: Value }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 3 },
    fc.string(),
    fc.double(),
    fc.boolean(),
    fc.constant(null),
    fc.integer().map((n) => new Int32(n)),
    fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n),
    fc.constant(new Decimal128(1n, 2n)),
    fc.uint8Array({ minLength: 12, maxLength: 12 }).map((bytes) => new ObjectId(Buffer.from(bytes))),
    fc.array(tie('any'), { maxLength: 3 }),
    fc.array(tie('any'), { maxLength: 3 }).map((list) => Doc.of({ list })),
  ),
})).any;

const push = (document: Doc, operand: Value): Doc =>
  compileUpdate(Doc.of({ $push: Doc.of({ a: operand }) })).apply(document, { now: NOW }).document;

describe('a plain $push', () => {
  it('gives the bytes that writing the whole array gives', () => {
    fc.assert(
      fc.property(fc.array(value, { maxLength: 12 }), fc.array(value, { minLength: 1, maxLength: 3 }), (old, added) => {
        const stored = decode(encode(Doc.of({ _id: 1, a: old, z: 'after' })));
        const each = push(stored, Doc.of({ $each: added }));
        expect(each.unread('a')).toBeDefined();
        expect(encode(each)).toEqual(encode(Doc.of({ _id: 1, a: [...old, ...added], z: 'after' })));
      }),
    );
  });

  it('leaves the document it was made from as it was', () => {
    const stored = decode(encode(Doc.of({ a: ['x'] })));
    expect(push(stored, 'y').get('a')).toEqual(['x', 'y']);
    expect(stored.get('a')).toEqual(['x']);
  });

  it('appends twice, and after somebody has looked', () => {
    const once = push(decode(encode(Doc.of({ a: ['x'] }))), 'y');
    expect(push(once, 'z').get('a')).toEqual(['x', 'y', 'z']);
    expect(once.get('a')).toEqual(['x', 'y']);
    expect(push(once, 'z').unread('a')).toBeUndefined();
    expect(push(once, 'z').get('a')).toEqual(['x', 'y', 'z']);
  });

  it('refuses what is no array', () => {
    const stored = decode(encode(Doc.of({ a: 'text' })));
    expect(() => push(stored, 'y')).toThrow('must be an array but is of type string');
  });
});
