import fc from 'fast-check';
import { retryDelayMs } from './retry-policy.js';

describe('the wait before the next try', () => {
  it.each([
    [1, 1_000],
    [2, 2_000],
    [3, 4_000],
    [4, 8_000],
    [5, 8_000],
    [60, 8_000],
  ])('doubles until it is eight seconds: before retry %i it is %i ms', (retry, ms) => {
    expect(retryDelayMs(retry, 0.5)).toBe(ms);
  });

  it('is a fifth shorter or longer at most', () => {
    expect([retryDelayMs(1, 0), retryDelayMs(1, 1)]).toEqual([800, 1_200]);
    expect([retryDelayMs(4, 0), retryDelayMs(4, 1)]).toEqual([6_400, 9_600]);
    const random = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), random, (retry, by) => {
        const plain = retryDelayMs(retry, 0.5);
        expect(Math.abs(retryDelayMs(retry, by) - plain)).toBeLessThanOrEqual(plain / 5);
      }),
      { seed: 20_261_121 },
    );
  });

  it('is never shorter than the other side asked for, and not longer for that', () => {
    expect(retryDelayMs(1, 0.5, 90_000)).toBe(90_000);
    expect(retryDelayMs(1, 0.5, 10)).toBe(1_000);
  });
});
