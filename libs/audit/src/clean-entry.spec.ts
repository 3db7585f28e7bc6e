import { anEntry } from '../test/audit-under-test.js';
import { cleanEntry } from './clean-entry.js';

describe('an entry that is cleaned', () => {
  it('stays as it is when there is nothing to clean', () => {
    expect(cleanEntry(anEntry())).toEqual(anEntry());
    const { target: _, from: __, details: ___, ...least } = anEntry({ actor: { kind: 'system' } });
    expect(cleanEntry(least)).toEqual(least);
  });

  it('has texts of a bounded length', () => {
    const long = 'word '.repeat(10_000);
    const clean = cleanEntry(
      anEntry({
        actor: { kind: 'user', id: long },
        target: { kind: long, id: long },
        from: { address: long, userAgent: long },
        details: Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`name${index}`, long])),
      }),
    );
    expect(JSON.stringify(clean).length).toBeLessThan(7_000);
    expect(Object.keys(clean.details!)).toHaveLength(20);
  });

  it('has no empty parts, no field whose name is none, and no value that is no name or number', () => {
    const odd = { a: Number.NaN, b: { c: 1 }, d: undefined, $where: 'x', 'a.b': 1, __proto__x: 1, ä: 1 };
    const clean = cleanEntry(anEntry({ from: { address: '', userAgent: '' }, details: odd as never }));
    expect(clean).not.toHaveProperty('from');
    expect(clean).not.toHaveProperty('details');
  });

  it('holds no value of a field that is named like a secret, and keeps codes and ids', () => {
    const details = { refreshToken: 'short', clientSecret: 'x1', code: 'forbidden_role', keyId: 'abc', tokens: 3 };
    expect(cleanEntry(anEntry({ details })).details).toEqual({
      ...details,
      refreshToken: '[redacted]',
      clientSecret: '[redacted]',
    });
  });
});
