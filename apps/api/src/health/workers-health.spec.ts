import { workersHealth } from './workers-health.js';

const seen = (ageMs: number) =>
  workersHealth({
    latest: () => Promise.resolve({ workerId: 'w', count: 1, version: '0', at: new Date(Date.now() - ageMs) }),
  });
const { signal } = new AbortController();

describe('the health of the workers, as the api sees it', () => {
  it('is good while a canary came back within a minute', async () => {
    expect(await seen(20_000).check(signal)).toEqual({ secondsSinceLast: 20 });
  });

  it('is bad when none came back for longer', async () => {
    await expect(seen(61_000).check(signal)).rejects.toMatchObject({ code: 'canary_missing' });
  });

  it('gives the first one its time, and never makes the api unready', async () => {
    const health = workersHealth({ latest: () => Promise.resolve(null) });
    expect(await health.check(signal)).toEqual({});
    expect(health.isRequired).toBe(false);
  });
});
