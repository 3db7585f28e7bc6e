import fc from 'fast-check';
import { LocalWindow } from './local-window.js';

const WINDOW_MS = 1_000;
const limitOf = (limit: number) => ({ key: 'k', limit, windowMs: WINDOW_MS });

describe('a window that is counted in this process', () => {
  it('never allows more than the limit in any stretch as long as the window, and everything after a pause', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }),
        fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 80 }),
        (limit, gaps) => {
          let now = 0;
          const window = new LocalWindow(() => now);
          const allowed: number[] = [];
          for (const gap of gaps) {
            now += gap;
            const { isAllowed, freeInMs } = window.take(limitOf(limit));
            if (isAllowed) allowed.push(now);
            expect(freeInMs).toBeLessThanOrEqual(WINDOW_MS * 1.1);
            expect(allowed.filter((at) => at > now - WINDOW_MS).length).toBeLessThanOrEqual(limit);
          }
          now += WINDOW_MS * 1.1 + 1;
          expect(window.take(limitOf(limit))).toMatchObject({ isAllowed: true, remaining: limit - 1 });
        },
      ),
    );
  });

  it('is free again when it said it would be', () => {
    let now = 50;
    const window = new LocalWindow(() => now);
    window.take(limitOf(1));
    const { isAllowed, freeInMs } = window.take(limitOf(1));
    expect(isAllowed).toBe(false);
    now += freeInMs - 1;
    expect(window.take(limitOf(1)).isAllowed).toBe(false);
    now += 1;
    expect(window.take(limitOf(1)).isAllowed).toBe(true);
  });

  it('gives back', () => {
    const window = new LocalWindow(() => 0);
    window.giveBack('k');
    window.take(limitOf(1));
    window.giveBack('k');
    window.giveBack('k');
    expect(window.take(limitOf(1)).isAllowed).toBe(true);
    expect(window.take(limitOf(1)).isAllowed).toBe(false);
  });

  it('remembers a bounded number of keys, and those longest that ask', () => {
    const window = new LocalWindow(() => 0, 2);
    const take = (key: string) => window.take({ key, limit: 1, windowMs: WINDOW_MS }).isAllowed;
    expect(['a', 'b', 'a', 'c', 'a', 'b'].map(take)).toEqual([true, true, false, true, false, true]);
  });
});
