import { cursorAt, placeOf } from './page-query.js';

describe('a cursor', () => {
  it('names the place that it was made for', () => {
    expect(placeOf(cursorAt(17)!, /^\d{1,12}$/)).toBe('17');
    expect(placeOf(cursorAt('65f0c0ffee0123456789abcd')!, /^[0-9a-f]{24}$/)).toBe('65f0c0ffee0123456789abcd');
    expect(placeOf(undefined, /^x$/)).toBeUndefined();
    expect(cursorAt(undefined)).toBeNull();
  });

  it.each([
    '',
    'x',
    '17',
    'MS4',
    `${cursorAt(17)}=`,
    ` ${cursorAt(17)}`,
    cursorAt('x')!,
    cursorAt(-1)!,
    'Mi4xNw',
    '🙂',
  ])('that was put together by hand is refused: %s', (cursor) =>
    expect(() => placeOf(cursor, /^\d{1,12}$/)).toThrow(expect.objectContaining({ code: 'cursor_invalid' })),
  );
});
