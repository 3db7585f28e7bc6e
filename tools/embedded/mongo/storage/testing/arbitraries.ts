import * as fc from 'fast-check';
import {
  Binary,
  BsonDate,
  BsonSymbol,
  Code,
  DbPointer,
  Decimal128,
  Doc,
  Int32,
  MAX_KEY,
  MIN_KEY,
  ObjectId,
  parseDecimal,
  Regex,
  Timestamp,
  UNDEFINED,
  type Value,
} from '../../semantics/index.ts';

const decimal = (text: string): Decimal128 => parseDecimal(text)!; // the texts here are numbers

const EDGES: Value[] = [
  0,
  -0,
  Number.NaN,
  Infinity,
  -Infinity,
  2 ** 53,
  2 ** 53 + 2,
  0.1,
  Number.MIN_VALUE,
  -Number.MAX_VALUE,
  9007199254740993n,
  -9007199254740993n,
  2n ** 63n - 1n,
  -(2n ** 63n),
  ...['0', '-0', '0.1', '1e-400', '-1e-400', '1e400', '-1e6144', '9007199254740993', '1.10', 'NaN', '-Infinity'].map(
    decimal,
  ),
];

const bytes = (length?: number): fc.Arbitrary<Uint8Array> =>
  fc.uint8Array(length === undefined ? { maxLength: 6 } : { minLength: length, maxLength: length });
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 4 }),
  fc.constantFrom('', '\0', 'a\0', 'a', 'ab', '\u{1f600}', '\uffff'),
);
const objectId = bytes(12).map((value) => new ObjectId(value));

export const number: fc.Arbitrary<Value> = fc.oneof(
  fc.constantFrom(...EDGES),
  fc.integer({ min: -5, max: 5 }).map((value) => new Int32(value)),
  fc.integer({ min: -5, max: 5 }),
  fc.double(),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc
    .tuple(fc.bigInt({ min: -999n, max: 999n }), fc.integer({ min: -30, max: 30 }))
    .map(([digits, power]) => decimal(`${digits}e${power}`)),
);

const scalar: fc.Arbitrary<Value> = fc.oneof(
  { weight: 4, arbitrary: number },
  { weight: 2, arbitrary: text },
  text.map((value) => new BsonSymbol(value)),
  fc.constantFrom<Value>(null, true, false, MIN_KEY, MAX_KEY, UNDEFINED),
  objectId,
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((ms) => new BsonDate(ms)),
  fc.tuple(fc.nat(3), fc.nat(0xffff_ffff)).map(([a, b]) => new Timestamp(b, a)),
  fc.tuple(fc.nat(3), bytes()).map(([subtype, value]) => new Binary(subtype, value)),
  fc.tuple(fc.constantFrom('a', 'b', 'ab'), fc.constantFrom('', 'i')).map(([a, b]) => new Regex(a, b)),
  fc
    .tuple(fc.constantFrom('x', 'xy'), fc.boolean())
    .map(([code, scope]) => new Code(code, scope ? Doc.of({ a: 1 }) : undefined)),
  objectId.map((id) => new DbPointer('a.b', id)),
);

/** Values of all types, nested too. */
export const value: fc.Arbitrary<Value> = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    { weight: 6, arbitrary: scalar },
    { weight: 1, arbitrary: fc.array(tie('value'), { maxLength: 3 }) },
    {
      weight: 1,
      arbitrary: fc
        .uniqueArray(fc.tuple(fc.constantFrom('a', 'b', 'ab', '', 'é'), tie('value')), {
          selector: ([name]) => name,
          maxLength: 3,
        })
        .map((fields) => new Doc(fields)),
    },
  ),
})).value;

/** Few different values, so that documents and filters meet. */
const common: fc.Arbitrary<Value> = fc.constantFrom<Value>(
  null,
  UNDEFINED,
  new Int32(1),
  1,
  2n,
  decimal('2.5'),
  new Int32(3),
  Number.NaN,
  'a',
  'b',
  true,
  new BsonDate(-5n),
  Doc.of({ b: new Int32(1) }),
  MAX_KEY,
);
const inner = fc
  .record({ b: fc.option(common, { nil: undefined }), c: fc.option(common, { nil: undefined }) })
  .map(
    (fields) =>
      new Doc(Object.entries(fields).flatMap(([name, one]) => (one === undefined ? [] : [[name, one] as const]))),
  );
const field: fc.Arbitrary<Value> = fc.oneof(
  { weight: 4, arbitrary: common },
  { weight: 2, arbitrary: inner },
  fc.array(common, { maxLength: 3 }),
  fc.array(inner, { maxLength: 3 }),
  fc.array(fc.oneof(common, inner, fc.array(common, { maxLength: 2 })), { maxLength: 3 }),
);

/** The fields of a document, without an `_id`. */
export const fields: fc.Arbitrary<Array<readonly [string, Value]>> = fc
  .record({
    a: fc.option(field, { nil: undefined }),
    b: fc.option(field, { nil: undefined }),
    c: fc.option(common, { nil: undefined }),
  })
  .map((found) => Object.entries(found).flatMap(([name, one]) => (one === undefined ? [] : [[name, one] as const])));

const path = fc.constantFrom('a', 'b', 'c', 'a.b', 'a.c', 'b.b');
const direction = fc.constantFrom(new Int32(1), new Int32(-1));

const operand = fc.oneof({ weight: 5, arbitrary: common }, fc.array(common, { maxLength: 2 }));
const condition: fc.Arbitrary<Value> = fc.oneof(
  { weight: 3, arbitrary: operand },
  fc
    .tuple(fc.constantFrom('$gt', '$gte', '$lt', '$lte', '$ne', '$eq'), operand)
    .map(([name, one]) => new Doc([[name, one]])),
  fc.tuple(fc.constantFrom('$gt', '$gte'), fc.constantFrom('$lt', '$lte'), common, common).map(
    ([low, high, a, b]) =>
      new Doc([
        [low, a],
        [high, b],
      ]),
  ),
  fc
    .array(
      operand.filter((one) => one !== UNDEFINED),
      { maxLength: 3 },
    )
    .map((list) => Doc.of({ $in: list })),
  fc.array(common, { minLength: 1, maxLength: 2 }).map((list) => Doc.of({ $all: list })),
  fc.boolean().map((is) => Doc.of({ $exists: is })),
  fc
    .tuple(fc.constantFrom('b', 'c'), common)
    .map(([name, one]) => Doc.of({ $elemMatch: Doc.of({ [name]: one, c: Doc.of({ $exists: true }) }) })),
  fc.tuple(fc.constantFrom('$gt', '$lt'), common).map(([name, one]) => Doc.of({ $elemMatch: Doc.of({ [name]: one }) })),
);
const clauses = fc.array(fc.tuple(path, condition), { minLength: 1, maxLength: 3 }).map((list) => new Doc(list));

export const filter: fc.Arbitrary<Doc> = fc.oneof(
  { weight: 6, arbitrary: clauses },
  fc.constant(new Doc()),
  fc.array(clauses, { minLength: 1, maxLength: 3 }).map((list) => Doc.of({ $or: list })),
  fc
    .tuple(clauses, fc.array(clauses, { minLength: 1, maxLength: 2 }))
    .map(([all, either]) => Doc.of({ $and: [all, Doc.of({ $or: either })] })),
);

const pattern = fc
  .uniqueArray(fc.tuple(path, direction), { selector: ([name]) => name, minLength: 1, maxLength: 3 })
  .map((parts) => new Doc(parts));

const partial = fc.oneof(
  fc
    .tuple(
      path,
      common.filter((one) => one !== UNDEFINED),
    )
    .map(([name, one]) => Doc.of({ [name]: one })),
  fc
    .tuple(path, fc.constantFrom('$gt', '$gte', '$lt', '$lte'), common)
    .map(([name, operator, one]) => Doc.of({ [name]: Doc.of({ [operator]: one }) })),
  path.map((name) => Doc.of({ [name]: Doc.of({ $exists: true }) })),
);

export const index: fc.Arbitrary<Doc> = fc
  .tuple(pattern, fc.constantFrom('plain', 'sparse', 'partial', 'unique'), partial)
  .map(([key, kind, expression]) => {
    const spec = new Doc([['key', key]]);
    if (kind === 'partial') return spec.set('partialFilterExpression', expression);
    return kind === 'plain' ? spec : spec.set(kind, true);
  });

export const sort: fc.Arbitrary<Doc> = fc
  .tuple(
    fc.uniqueArray(fc.tuple(path, direction), { selector: ([name]) => name, maxLength: 2 }),
    fc.boolean(),
    direction,
  )
  .map(([parts, total, last]) => new Doc(total ? [...parts, ['_id', last] as const] : parts));
