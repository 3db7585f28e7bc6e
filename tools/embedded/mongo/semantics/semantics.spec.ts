import fc from 'fast-check';
import {
  Binary,
  BsonDate,
  checkDocument,
  compare,
  compileFilter,
  compilePipeline,
  compileUpdate,
  decode,
  Decimal128,
  Doc,
  encode,
  encodeValue,
  equals,
  hashKey,
  identical,
  Int32,
  ObjectId,
  parseDecimal,
  decimalToString,
  Regex,
  Timestamp,
  type Value,
} from './index.ts';

const NOW = new BsonDate(0n);
const bytes = (length: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ minLength: length, maxLength: length });
const word = fc.bigInt(0n, 2n ** 64n - 1n);

const leaf: fc.Arbitrary<Value> = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  fc.double(),
  fc.integer().map((value) => new Int32(value)),
  fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n),
  fc.string({ unit: 'binary' }).filter((text) => text.isWellFormed()),
  fc.tuple(word, word).map(([high, low]) => new Decimal128(high, low)),
  bytes(12).map((value) => new ObjectId(value)),
  fc.bigInt(-(2n ** 60n), 2n ** 60n).map((ms) => new BsonDate(ms)),
  fc.uint8Array({ maxLength: 40 }).map((value) => new Binary(value.length % 128, value)),
  fc.constant(new Regex('^a', 'i')),
  fc.constant(new Timestamp(4_000_000_000, 7)),
);
const name = fc.oneof(fc.constantFrom('a', 'b', 'c', '0', '10', '2'), fc.stringMatching(/^[a-zäß]{1,20}$/));
const { value } = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.array(fc.tuple(name, tie('value')), { maxLength: 5 }).map((fields) => new Doc(fields)),
  ),
}));
const document = fc.array(fc.tuple(name, value), { maxLength: 8 }).map((fields) => new Doc(fields));

describe('BSON in memory', () => {
  it('is written back byte for byte after everything in it was read', () => {
    const read = (one: Value): Value => {
      if (Array.isArray(one)) return one.map(read);
      return one instanceof Doc ? new Doc([...one].map(([key, inner]) => [key, read(inner)] as const)) : one;
    };
    fc.assert(
      fc.property(document, (doc) => {
        const stored = Buffer.from(encode(doc));
        const again = read(decode(stored)) as Doc;
        expect(encode(again).equals(stored)).toBe(true);
      }),
    );
  });

  it('keeps documents larger than the first buffer whole', () => {
    fc.assert(
      fc.property(fc.integer({ min: 4000, max: 9000 }), (length) => {
        const doc = Doc.of({ a: 'x'.repeat(length), b: [new Int32(1), true, 'y'] });
        expect(identical(decode(encode(doc)).get('b')!, doc.get('b')!)).toBe(true);
      }),
    );
  });

  it('refuses bytes that lie about their length', () => {
    expect(() => decode(Buffer.from([6, 0, 0, 0, 0]))).toThrow('Invalid BSON');
    expect(() => decode(Buffer.from([12, 0, 0, 0, 2, 97, 0, 255, 0, 0, 0, 0])).get('a')).toThrow('Invalid BSON');
  });

  it('may be nested a hundred times but not without end', () => {
    const nested = (depth: number): Doc => (depth === 0 ? new Doc() : Doc.of({ a: nested(depth - 1) }));
    expect(() => checkDocument(decode(encode(nested(100))))).not.toThrow();
    expect(() => checkDocument(decode(encode(nested(200))))).toThrow('nested object depth');
  });

  it('writes decimals the way they were read', () => {
    for (const text of ['0.1', '1E+3', '-0', 'NaN', 'Infinity', '1.50', '9.999999999999999999999999999999999E+6144'])
      expect(decimalToString(parseDecimal(text)!)).toBe(text);
  });
});

describe('the order of values', () => {
  it('is total, and equal values, only they, have one hash key', () => {
    fc.assert(
      fc.property(value, value, value, (a, b, c) => {
        expect(Math.sign(compare(a, b)) + Math.sign(compare(b, a))).toBe(0);
        expect(compare(a, b) > 0 || compare(b, c) > 0 || compare(a, c) <= 0).toBe(true);
        expect(hashKey(a) === hashKey(b)).toBe(equals(a, b));
      }),
    );
  });

  it('compares numbers exactly across their types', () => {
    expect(equals(1, new Int32(1))).toBe(true);
    expect(equals(1n, parseDecimal('1.0')!)).toBe(true);
    expect(compare(9007199254740993n, 9007199254740992)).toBe(1);
    expect(compare(parseDecimal('0.1')!, 0.1)).toBe(-1);
    expect(compare(Number.NaN, -Infinity)).toBe(-1);
  });
});

describe('a filter', () => {
  it('and its $not split all documents between them', () => {
    fc.assert(
      fc.property(
        document,
        leaf.filter((one) => !(one instanceof Regex)),
        fc.constantFrom('$eq', '$gt', '$gte', '$lt', '$lte'),
        (doc, operand, operator) => {
          const condition = Doc.of({ [operator]: operand });
          const plain = compileFilter(Doc.of({ a: condition })).matches(doc);
          const negated = compileFilter(Doc.of({ a: Doc.of({ $not: condition }) })).matches(doc);
          expect(plain).toBe(!negated);
        },
      ),
    );
  });

  it('gives limits that no match lies outside of', () => {
    const filter = compileFilter(Doc.of({ a: Doc.of({ $gte: new Int32(1), $lt: 5n }), b: 'x' }));
    const bounds = filter.bounds();
    expect(bounds.get('b')).toEqual({ values: ['x'] });
    expect(bounds.get('a')).toEqual({
      lower: { value: new Int32(1), inclusive: true },
      upper: { value: 5n, inclusive: false },
    });
  });

  it('refuses what it does not know by name', () => {
    expect(() => compileFilter(Doc.of({ $where: 'x' }))).toThrow(expect.objectContaining({ code: 238 }));
    expect(() => compileFilter(Doc.of({ a: Doc.of({ $near: [] }) }))).toThrow('$near');
  });
});

describe('a pipeline', () => {
  it('refuses a stage it does not have, and knows what MongoDB does not have either', () => {
    expect(() => compilePipeline([Doc.of({ $merge: 'x' })])).toThrow(expect.objectContaining({ code: 238 }));
    expect(() => compilePipeline([Doc.of({ $nope: 1 })])).toThrow(expect.objectContaining({ code: 40324 }));
  });

  it('refuses a sum of doubles that would have to round', () => {
    const sum = compilePipeline([Doc.of({ $group: Doc.of({ _id: null, v: Doc.of({ $sum: '$a' }) }) })]);
    expect(() => sum([Doc.of({ a: 0.1 }), Doc.of({ a: 0.2 })])).toThrow(expect.objectContaining({ code: 238 }));
    expect(sum([Doc.of({ a: 0.5 }), Doc.of({ a: new Int32(2) })])[0]?.get('v')).toBe(2.5);
  });
});

describe('an update', () => {
  it('leaves every other field and the document it was given as they were', () => {
    fc.assert(
      fc.property(document, value, (doc, operand) => {
        const before = Buffer.from(encodeValue(doc));
        const { document: after } = compileUpdate(Doc.of({ $set: Doc.of({ target: operand }) })).apply(doc, {
          now: NOW,
        });
        expect(encodeValue(doc).equals(before)).toBe(true);
        expect(identical(after.get('target')!, operand)).toBe(true);
        const others = [...doc].filter(([key]) => key !== 'target');
        expect(others.every(([key, old]) => identical(after.get(key)!, old))).toBe(true);
      }),
    );
  });

  it('written as a pipeline is refused, never half done', () => {
    expect(() => compileUpdate([Doc.of({ $set: Doc.of({ a: 1 }) })])).toThrow(expect.objectContaining({ code: 238 }));
  });
});
