import { killTrial } from './kills.ts';

/** A few of the fifty that `trials/run.ts` does: each takes half a second. */
const KILLS = 4;

describe('an embedded MongoDB that is killed while many write', () => {
  it('loses nothing that it acknowledged, counts nothing twice, and keeps its indexes right', async () => {
    const result = await killTrial(KILLS);
    expect(result).toMatchObject({ lostInserts: 0, lostIncrements: 0, doubledIncrements: 0, findings: [] });
    expect(result.acknowledgedInserts).toBeGreaterThan(KILLS);
    expect(result.acknowledgedIncrements).toBeGreaterThan(KILLS);
  }, 60_000);
});
