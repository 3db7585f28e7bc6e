import * as fc from 'fast-check';
import { compare, Doc, Int32, type Value } from '../semantics/index.ts';
import { after, encodeKey } from './keys.ts';
import { number, value } from './testing/arbitraries.ts';

const sign = (order: number): number => Math.sign(order) + 0; // never -0
const RUNS = 5_000;

describe('keys', () => {
  it('have the order of the values, of all types and in both directions', () => {
    fc.assert(
      fc.property(value, value, (left, right) => {
        const expected = sign(compare(left, right));
        expect(sign(Buffer.compare(encodeKey([left], [1]), encodeKey([right], [1])))).toBe(expected);
        expect(sign(Buffer.compare(encodeKey([left], [-1]), encodeKey([right], [-1])))).toBe(0 - expected);
      }),
      { numRuns: RUNS },
    );
  });

  it('have the order of numbers across their types', () => {
    fc.assert(
      fc.property(number, number, (left, right) => {
        const keys = Buffer.compare(encodeKey([left], [1]), encodeKey([right], [1]));
        expect(sign(keys)).toBe(sign(compare(left, right)));
      }),
      { numRuns: RUNS },
    );
  });

  it('order compound keys by their first difference', () => {
    const direction = fc.constantFrom<1 | -1>(1, -1);
    fc.assert(
      fc.property(fc.array(fc.tuple(value, value, direction), { minLength: 1, maxLength: 3 }), (parts) => {
        const directions = parts.map(([, , one]) => one);
        const left = encodeKey(
          parts.map(([one]) => one),
          directions,
        );
        const right = encodeKey(
          parts.map(([, one]) => one),
          directions,
        );
        const orders = parts.map(([a, b, one]) => sign(compare(a, b)) * one);
        expect(sign(Buffer.compare(left, right))).toBe((orders.find((order) => order !== 0) ?? 0) + 0);
      }),
      { numRuns: RUNS },
    );
  });

  it("are never the beginning of another value's key", () => {
    fc.assert(
      fc.property(value, value, (left, right) => {
        const [a, b] = [encodeKey([left], [1]), encodeKey([right], [1])];
        expect(a.subarray(0, b.length).equals(b)).toBe(compare(left, right) === 0);
      }),
      { numRuns: RUNS },
    );
  });

  it('keep a missing field as null', () => {
    expect(encodeKey([undefined], [1])).toEqual(encodeKey([null], [1]));
  });

  it('order numbers between two doubles by their exact value', () => {
    const ascending: Value[] = [2 ** 53, 9007199254740993n, 2 ** 53 + 2, Number.MAX_VALUE, Infinity];
    const keys = ascending.map((one) => encodeKey([one], [1]));
    expect(keys.toSorted((a, b) => Buffer.compare(a, b))).toEqual(keys);
  });

  it('find the end of all keys with a prefix', () => {
    const prefix = encodeKey([Doc.of({ a: new Int32(1) })], [-1]);
    const end = after(prefix)!;
    expect(Buffer.compare(Buffer.concat([prefix, Buffer.alloc(8, 255)]), end)).toBeLessThan(0);
    expect(after(Buffer.from([255, 255]))).toBeUndefined();
  });
});
