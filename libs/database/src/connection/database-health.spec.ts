import { databaseHealth } from './database-health.js';

const health = (offMs: number) =>
  databaseHealth({ ping: () => Promise.resolve({ ms: 2, storeTime: new Date(Date.now() - offMs) }) });
const never = new AbortController().signal;

describe('the health of the database', () => {
  it('tells how far the clocks are apart', async () => {
    const { clockSkewMs } = await health(10_000).check(never);
    expect(Number(clockSkewMs)).toBeGreaterThan(9_900);
    expect(Number(clockSkewMs)).toBeLessThan(10_100);
  });

  it.each([31_000, -31_000])('is bad when they are %d ms apart', async (offMs) => {
    await expect(health(offMs).check(never)).rejects.toMatchObject({ code: 'clock_skew' });
  });

  it('is what the process cannot be without', () =>
    expect(health(0)).toMatchObject({ name: 'mongodb', isRequired: true }));
});
