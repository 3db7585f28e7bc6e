import { verifies } from '@flowmate/testing';
import { DEVICE, TestIdentity } from '../../test/test-identity.js';
import { RefreshInvalidError, RefreshRaceError, RefreshReusedError } from '../identity.errors.js';
import type { OpenedSession } from './session.service.js';

const DAY_MS = 86_400_000;
const BY = { actor: { kind: 'system' as const } };

describe(verifies('FM-23', 'FM-56', 'a session'), () => {
  const test = new TestIdentity();
  let count = 0;
  beforeAll(() => test.open());
  afterAll(() => test.close());

  const opened = async (): Promise<OpenedSession & { email: string }> => {
    const email = `session-${count++}@example.com`;
    return { ...(await test.sessions.open(await test.enter(email), DEVICE, 'link')), email };
  };
  const refresh = (token: string): Promise<OpenedSession> => test.sessions.refresh(token, DEVICE);

  it('goes on with the token that the last refresh gave', async () => {
    const first = await opened();
    const second = await refresh(first.refreshToken);
    test.pass(60_000);
    const third = await refresh(second.refreshToken);
    expect(new Set([first, second, third].map(({ refreshToken }) => refreshToken)).size).toBe(3);
    expect([second.sessionId, third.sessionId]).toEqual([first.sessionId, first.sessionId]);
  });

  it('is refreshed by one of twenty who use a token at once; the others are told to take the new one', async () => {
    const { refreshToken } = await opened();
    const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => refresh(refreshToken)));
    const refused = outcomes.filter(({ status }) => status === 'rejected');
    expect(refused).toHaveLength(19);
    for (const outcome of refused) expect(outcome).toMatchObject({ reason: expect.any(RefreshRaceError) });
    const [winner] = outcomes.filter(({ status }) => status === 'fulfilled') as [PromiseFulfilledResult<OpenedSession>];
    expect((await refresh(winner.value.refreshToken)).userId).toBe(winner.value.userId);
  });

  it('ends as a whole when an old token comes later than any race, and its person is warned once', async () => {
    const first = await opened();
    const second = await refresh(first.refreshToken);
    test.pass(10_001);
    await expect(refresh(first.refreshToken)).rejects.toThrow(RefreshReusedError);
    await expect(refresh(second.refreshToken)).rejects.toThrow(RefreshInvalidError);
    await expect(refresh(first.refreshToken)).rejects.toThrow(RefreshInvalidError);
    expect(test.warned).toEqual([first.email]);
    expect(test.entries.filter(({ action }) => action === 'auth.refresh_reused')).toHaveLength(1);
  });

  it('ends when a token of long ago comes, that no document remembers', async () => {
    const first = await opened();
    let last = first as OpenedSession;
    for (let i = 0; i < 5; i++) {
      last = await refresh(last.refreshToken);
      test.pass(1_000);
    }
    await expect(refresh(first.refreshToken)).rejects.toThrow(RefreshReusedError);
    await expect(refresh(last.refreshToken)).rejects.toThrow(RefreshInvalidError);
  });

  it('that ended so warns its person also while the trail cannot be written', async () => {
    const first = await opened();
    await refresh(first.refreshToken);
    test.pass(10_001);
    test.recordsNothing = true;
    await expect(refresh(first.refreshToken)).rejects.toThrow('no trail');
    test.recordsNothing = false;
    expect(test.warned).toContain(first.email);
  });

  it('is not ended by somebody who knows its id and makes a token up', async () => {
    const { sessionId, refreshToken } = await opened();
    const [, random, seal] = refreshToken.split('.');
    const forged = [
      `fm_refresh_${sessionId}.${'A'.repeat(43)}.${seal}`,
      `fm_refresh_${sessionId}.${random}.${'A'.repeat(16)}`,
      `fm_refresh_${sessionId}.${'A'.repeat(43)}.${'A'.repeat(16)}`,
      refreshToken.slice(0, -1),
      '',
      'fm_refresh_',
    ];
    for (const token of forged) await expect(refresh(token)).rejects.toThrow(RefreshInvalidError);
    await expect(refresh(refreshToken)).resolves.toMatchObject({ sessionId });
  });

  it('is over after seven days, however often it was refreshed', async () => {
    let session: OpenedSession = await opened();
    for (let day = 1; day <= 6; day++) {
      test.pass(DAY_MS);
      session = await refresh(session.refreshToken);
    }
    test.pass(DAY_MS);
    await expect(refresh(session.refreshToken)).rejects.toThrow(RefreshInvalidError);
  });

  it('is not refreshed after its person signed out, was signed out, disabled or deleted', async () => {
    const ends: Array<(session: OpenedSession) => Promise<unknown>> = [
      ({ refreshToken }) => test.sessions.endByToken(refreshToken, DEVICE),
      ({ userId, sessionId }) => test.sessions.end(userId, sessionId, BY),
      ({ userId }) => test.sessions.endAll(userId, BY),
      ({ userId }) => test.users.endSessions(userId),
      ({ userId }) => test.users.setDisabled(userId, test.now),
      ({ userId }) => test.users.setDeleted(userId, test.now),
    ];
    for (const end of ends) {
      const session = await opened();
      await end(session);
      await expect(refresh(session.refreshToken)).rejects.toThrow(RefreshInvalidError);
    }
  });

  it('is listed while it is open, the latest first, and only to its person', async () => {
    const user = await test.enter('list@example.com');
    const open = () => test.sessions.open(user, { address: '::1', userAgent: `phone\u0007${'x'.repeat(300)}` }, 'link');
    const [one, two, three] = [await open(), (test.pass(1_000), await open()), (test.pass(1_000), await open())];
    await test.sessions.end(user.id, two.sessionId, BY);
    const listed = await test.sessions.listOpen(user.id);
    expect(listed.map(({ id }) => id)).toEqual([three.sessionId, one.sessionId]);
    expect(listed[0]?.device).toMatch(/^phone x{194}$/);
    const other = await opened();
    await expect(test.sessions.end(other.userId, one.sessionId, BY)).rejects.toMatchObject({
      code: 'resource_not_found',
    });
  });

  it('ends by any token of its own, also by one that another tab has refreshed meanwhile, and by no other', async () => {
    const first = await opened();
    const second = await refresh(first.refreshToken);
    const forged = second.refreshToken.replace(/[^.]{16}$/, 'A'.repeat(16));
    for (const token of ['nonsense', forged]) expect(await test.sessions.endByToken(token, DEVICE)).toBeUndefined();
    expect(await test.sessions.endByToken(first.refreshToken, DEVICE)).toBe(first.sessionId);
    await expect(refresh(second.refreshToken)).rejects.toThrow(RefreshInvalidError);
    expect(await test.sessions.endByToken(second.refreshToken, DEVICE)).toBeUndefined();
  });
});
