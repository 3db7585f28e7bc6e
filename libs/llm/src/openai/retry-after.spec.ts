import { retryAfterMs } from './retry-after.js';

const NOW = Date.parse('2026-11-21T12:00:00Z');
const waitOf = (headers: Record<string, string>): number | undefined => retryAfterMs(new Headers(headers), () => NOW);

describe('how long a provider asks to wait', () => {
  it.each([
    [{ 'retry-after': '3' }, 3_000],
    [{ 'retry-after': '0.5' }, 500],
    [{ 'retry-after': 'Sat, 21 Nov 2026 12:00:10 GMT' }, 10_000],
    [{ 'retry-after': 'Saturday, 21-Nov-26 12:00:10 GMT' }, 10_000],
    [{ 'retry-after': 'Sat, 21 Nov 2026 11:00:00 GMT' }, 0],
    [{ 'retry-after-ms': '1200.4', 'retry-after': '9' }, 1_201],
    [{ 'retry-after': '999999999' }, 86_400_000],
    [{ 'retry-after': 'Fri, 31 Dec 9999 23:59:59 GMT' }, 86_400_000],
  ])('%j is %d ms', (headers, ms) => {
    expect(waitOf(headers)).toBe(ms);
  });

  it.each(['', 'soon', '-3', '1e9', 'NaN', 'Sat, 99 Nov 2026', '3; drop', '00000000000000000000009'])(
    'is nothing when it says "%s"',
    (value) => {
      expect(waitOf({ 'retry-after': value })).toBeUndefined();
    },
  );

  it('is nothing without headers', () => {
    expect(retryAfterMs(undefined)).toBeUndefined();
  });
});
