import fc from 'fast-check';
import { canonicalJson } from './canonical-json.js';

/** The same value with the fields of every object in another order. */
function turned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(turned);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, field]) => [key, turned(field)]),
  );
}

describe('canonical JSON', () => {
  it('says the same value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
      { numRuns: 1_000 },
    );
  });

  it('is one text for one value, in whatever order its fields came', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => expect(canonicalJson(turned(value))).toBe(canonicalJson(value))),
      { numRuns: 1_000 },
    );
  });

  it('is two texts for two values', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (one, other) => {
        const isSame =
          JSON.stringify(turned(JSON.parse(canonicalJson(one)))) ===
          JSON.stringify(turned(JSON.parse(canonicalJson(other))));
        expect(canonicalJson(one) === canonicalJson(other)).toBe(isSame);
      }),
      { numRuns: 1_000 },
    );
  });

  it.each([
    // RFC 8785, section 3.2.3, without the strings that JSON cannot say otherwise.
    [
      { '€': 1, '\r': 2, דּ: 3, '1': 4, '😀': 5, '\u0080': 6, ö: 7 },
      '{"\\r":2,"1":4,"\u0080":6,"ö":7,"€":1,"😀":5,"\ufb33":3}',
    ],
    [[Number('333333333.33333329'), 1e30, 4.5, 2e-3, 1e-27, -0], '[333333333.3333333,1e+30,4.5,0.002,1e-27,0]'],
    [{ a: undefined, b: [null, true, 'x"'] }, '{"b":[null,true,"x\\""]}'],
  ])('is what RFC 8785 says: %#', (value, text) => expect(canonicalJson(value)).toBe(text));

  it.each([Number.NaN, Number.POSITIVE_INFINITY, undefined, () => 1, Symbol('s'), 1n, [undefined]])(
    'is nothing for what JSON cannot say: %#',
    (value) => expect(() => canonicalJson(value)).toThrow(TypeError),
  );
});
