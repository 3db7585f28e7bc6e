import { derivedKey, isSame, keyedHash, randomToken, tokenHash } from './token.js';

describe('tokens', () => {
  it('are 256 random bits in letters that a link can carry', () => {
    const tokens = new Set(Array.from({ length: 1_000 }, randomToken));
    expect(tokens.size).toBe(1_000);
    for (const token of tokens) expect(token).toMatch(/^[A-Za-z0-9_-]{43}$/);
  });

  it('are stored as the SHA-256 of themselves', () => {
    // The vector of FIPS 180-4 for "abc".
    expect(Buffer.from(tokenHash('abc'), 'base64url').toString('hex')).toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    );
  });

  it('have a keyed hash that depends on both', () => {
    expect(keyedHash('k', 'text')).toBe(keyedHash('k', 'text'));
    expect(keyedHash('k', 'text')).not.toBe(keyedHash('l', 'text'));
    expect(keyedHash('k', 'text')).not.toBe(keyedHash('k', 'tex'));
  });

  it('are compared whole, whatever their lengths', () => {
    expect([isSame('a', 'a'), isSame('a', 'b'), isSame('a', 'ab'), isSame('', '')]).toEqual([true, false, false, true]);
  });

  it('have another key for every purpose', () => {
    const key = derivedKey('secret', 'mail');
    expect(key).toHaveLength(32);
    expect(key).toEqual(derivedKey('secret', 'mail'));
    expect(key).not.toEqual(derivedKey('secret', 'audit'));
    expect(key).not.toEqual(derivedKey('other', 'mail'));
  });
});
