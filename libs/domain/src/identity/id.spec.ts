import { ID_PATTERN, newId } from './id.js';

describe('an id', () => {
  it('is 24 hex digits, unlike any other, and sorts by the millisecond it was made', () => {
    const ids = Array.from({ length: 1_000 }, (_, ms) => newId(1_700_000_000_000 + ms));
    expect(new Set(ids.map((id) => id.slice(12))).size).toBe(1_000);
    for (const id of ids) expect(id).toMatch(ID_PATTERN);
    expect([...ids].sort()).toEqual(ids);
  });
});
