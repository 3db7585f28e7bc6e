import { retryAfterMs } from './retry-after.js';

const NOW = Date.parse('2026-01-31T10:00:00Z');

describe('how long a server asks to wait', () => {
  it.each([
    ['3', 3_000],
    ['0', 0],
    ['Sat, 31 Jan 2026 10:00:05 GMT', 5_000],
    ['Sat, 31 Jan 2026 09:00:00 GMT', 0],
    ['-3', undefined],
    ['1e9', undefined],
    ['99999999999999999999', undefined],
    ['soon', undefined],
    ['', undefined],
  ])('is read from %j', (header, ms) => expect(retryAfterMs(header, NOW)).toBe(ms));

  it('is not known where it says nothing', () => expect(retryAfterMs(null)).toBeUndefined());
});
