import { canaryHealth } from './canary-health.js';

const never = new AbortController().signal;

describe('the health of the canary', () => {
  it('tells how long ago the last one came back', async () => {
    const health = canaryHealth(() => Promise.resolve({ ageMs: 12_300, facts: { roundTripMs: 7 } }));
    expect(health).toMatchObject({ name: 'canary', isRequired: false });
    expect(await health.check(never)).toEqual({ roundTripMs: 7, secondsSinceLast: 12 });
  });

  it('is bad when none came back for a minute', async () => {
    const health = canaryHealth(() => Promise.resolve({ ageMs: 61_000 }));
    await expect(health.check(never)).rejects.toMatchObject({ code: 'canary_missing' });
  });

  it('gives the first one as much time as any other', async () => {
    const none = (): Promise<{ ageMs: undefined }> => Promise.resolve({ ageMs: undefined });
    expect(await canaryHealth(none).check(never)).toEqual({});
    await expect(canaryHealth(none, 0).check(never)).rejects.toMatchObject({ code: 'canary_missing' });
  });
});
