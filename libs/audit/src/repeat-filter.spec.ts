import { anEntry } from '../test/audit-under-test.js';
import { RepeatFilter } from './repeat-filter.js';

const HOUR_MS = 3_600_000;

describe('what repeats itself', () => {
  it('is admitted once an hour, with the count of what was left out', () => {
    const filter = new RepeatFilter();
    expect([0, 1, HOUR_MS - 1].map((now) => filter.admit('a', now))).toEqual([0, undefined, undefined]);
    expect([HOUR_MS, HOUR_MS + 1, 2 * HOUR_MS].map((now) => filter.admit('a', now))).toEqual([2, undefined, 1]);
  });

  it('is told apart by who, what, on what, from where and what came of it', () => {
    const one = anEntry();
    const others = [
      one,
      { ...one, trail: 'other' },
      { ...one, action: 'auth.signed_out' as const },
      { ...one, outcome: 'failed' as const },
      { ...one, actor: { kind: 'key' as const, id: 'x' } },
      { ...one, target: { kind: 'key', id: 'x' } },
      { ...one, from: { address: '192.0.2.9' } },
    ];
    expect(new Set(others.map((entry) => RepeatFilter.keyOf(entry))).size).toBe(others.length);
    expect(RepeatFilter.keyOf({ ...one, details: { count: 2 } })).toBe(RepeatFilter.keyOf(one));
    const { target: _, from: __, ...least } = anEntry({ actor: { kind: 'anonymous', id: 'x'.repeat(10_000) } });
    expect(RepeatFilter.keyOf(least).length).toBeLessThan(300);
  });

  it('is the same from all addresses of one network of IPv6', () => {
    const keyFrom = (address: string) => RepeatFilter.keyOf(anEntry({ from: { address } }));
    expect(keyFrom('2001:db8:7:7::1')).toBe(keyFrom('2001:db8:7:7:ffff::2'));
    const others = ['2001:db8:7:7::1', '2001:db8:7:8::1', 'nowhere'].map(keyFrom);
    expect(new Set(others).size).toBe(others.length);
  });

  it('takes no more memory than a fixed count of keys: the oldest are forgotten', () => {
    const filter = new RepeatFilter();
    for (let key = 0; key <= 10_000; key += 1) filter.admit(String(key), 0);
    expect(filter.admit('10000', 1)).toBeUndefined();
    expect(filter.admit('1', 1)).toBeUndefined();
    expect(filter.admit('0', 1)).toBe(0);
  });
});
