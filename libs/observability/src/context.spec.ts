import { verifies } from '@flowmate/testing';
import { correlationIdFrom, currentContext, enrichContext, runWithContext } from './context.js';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe(verifies('FM-76', 'H04', 'correlation id'), () => {
  it.each(['abcd1234', 'A_b-9'.repeat(12), 'x'.repeat(64)])('keeps a well formed one (%s)', (id) => {
    expect(correlationIdFrom(id)).toBe(id);
  });

  it.each([
    ['absent', undefined],
    ['too short', 'abc1234'],
    ['too long', 'x'.repeat(65)],
    ['of 1 KB', 'x'.repeat(1_024)],
    ['with a line break', 'abcd1234\nforged'],
    ['ending in a line break', 'abcd1234\n'],
    ['with markup', '<script>alert(1)</script>'],
    ['given twice', ['abcd1234', 'abcd5678']],
  ])('replaces one that is %s', (_, header) => {
    expect(correlationIdFrom(header)).toMatch(UUID);
  });

  it('makes a new one each time', () => {
    expect(correlationIdFrom(undefined)).not.toBe(correlationIdFrom(undefined));
  });
});

describe('work context', () => {
  it('reaches what is awaited, and only that', async () => {
    const seen = await Promise.all(
      ['first-one', 'second-one'].map((correlationId) =>
        runWithContext({ correlationId }, async () => {
          await new Promise((resolve) => setImmediate(resolve));
          return currentContext()?.correlationId;
        }),
      ),
    );
    expect(seen).toEqual(['first-one', 'second-one']);
    expect(currentContext()).toBeUndefined();
  });

  it('takes what becomes known later', () => {
    runWithContext({ correlationId: 'abcd1234' }, () => {
      enrichContext({ userId: 'u1' });
      expect(currentContext()).toEqual({ correlationId: 'abcd1234', userId: 'u1' });
    });
  });
});
