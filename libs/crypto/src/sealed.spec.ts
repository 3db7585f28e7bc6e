import { seal, SealBrokenError, unseal } from './sealed.js';
import { derivedKey } from './token.js';

const KEY = derivedKey('a secret of the configuration', 'tests');

describe('a sealed text', () => {
  it.each(['', 'a', 'zwölf Boxkämpfer 🥊', 'x'.repeat(100_000)])('opens where it was sealed', (text) =>
    expect(unseal(KEY, seal(KEY, text, 'here'), 'here')).toBe(text),
  );

  it('looks different every time', () => expect(seal(KEY, 'a', 'here')).not.toBe(seal(KEY, 'a', 'here')));

  it('opens nowhere else and with no other key', () => {
    const sealed = seal(KEY, 'a', 'here');
    expect(() => unseal(KEY, sealed, 'there')).toThrow(SealBrokenError);
    expect(() => unseal(derivedKey('another', 'tests'), sealed, 'here')).toThrow(SealBrokenError);
  });

  it('does not open when a bit of it is another, or a part of it is missing', () => {
    const [version = '', encoded = ''] = seal(KEY, 'a secret', 'here').split('.');
    const bytes = Buffer.from(encoded, 'base64url');
    for (let i = 0; i < bytes.length; i++) {
      const changed = Buffer.from(bytes);
      changed[i]! ^= 1;
      expect(() => unseal(KEY, `${version}.${changed.toString('base64url')}`, 'here')).toThrow(SealBrokenError);
      expect(() => unseal(KEY, `${version}.${bytes.subarray(0, i).toString('base64url')}`, 'here')).toThrow(
        SealBrokenError,
      );
    }
  });

  it.each(['', 'v1', 'v1.', 'v2.AAAA', 'nonsense'])('is not: %j', (text) =>
    expect(() => unseal(KEY, text, 'here')).toThrow(SealBrokenError),
  );
});
