import fc from 'fast-check';
import { freePlace } from './places.js';

describe('a free place', () => {
  it('is never taken, and is there exactly while there are fewer than may be', () => {
    const places = fc.uniqueArray(fc.nat(60), { maxLength: 40 });
    fc.assert(
      fc.property(places, fc.integer({ min: 1, max: 40 }), (taken, limit) => {
        const place = freePlace(taken, limit);
        expect(place === undefined).toBe(taken.length >= limit);
        expect(taken).not.toContain(place);
      }),
    );
  });

  it('never makes one too many of those who decide on old knowledge', () => {
    const views = fc.array(fc.nat(30), { maxLength: 60 });
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.nat(12), { maxLength: 8 }),
        fc.integer({ min: 1, max: 10 }),
        views,
        (first, limit, ages) => {
          // All states there ever were: who comes next knows one of them.
          const states = [first];
          for (const age of ages) {
            const now = states.at(-1) ?? [];
            const place = freePlace(states[Math.max(0, states.length - 1 - age)] ?? [], limit);
            if (place !== undefined && !now.includes(place)) states.push([...now, place]);
          }
          expect(states.at(-1)?.length).toBeLessThanOrEqual(Math.max(limit, first.length));
        },
      ),
    );
  });
});
