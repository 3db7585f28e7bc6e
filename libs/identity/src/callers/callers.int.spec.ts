import type { Permission, Principal } from '@flowmate/domain';
import { eventually } from '@flowmate/testing';
import { DEVICE, TestIdentity } from '../../test/test-identity.js';
import { ApiKeyInvalidError } from '../identity.errors.js';
import type { OpenedSession } from '../sessions/session.service.js';
import type { Callers } from './callers.js';

const BY = { actor: { kind: 'system' as const } };

describe('a caller', () => {
  const test = new TestIdentity();
  let callers: Callers;
  let count = 0;
  beforeAll(() => test.open());
  afterAll(() => test.close());
  beforeEach(() => (callers = test.callers()));

  const signIn = async () => {
    const user = await test.enter(`caller-${count++}@example.com`);
    const session = await test.sessions.open(user, DEVICE, 'link');
    return { user, session, principal: await found(session) };
  };
  const found = async (session: OpenedSession, workspaceId?: string): Promise<Principal> => {
    const principal = await callers.ofSession(session, workspaceId);
    if (!principal) throw new Error('the session is over');
    return principal;
  };
  const join = async (owner: { workspaceId: string }, userId: string, role: 'manager' | 'analyst') => {
    await test.memberships.add(owner, { userId, role, since: test.now });
  };

  it('with a session is its person, in the personal workspace unless another is named', async () => {
    const { user, session, principal } = await signIn();
    expect(principal).toMatchObject({ kind: 'user', userId: user.id, workspaceId: user.personalWorkspaceId });
    const { principal: other } = await signIn();
    await join(other, user.id, 'analyst');
    test.pass(5_000);
    const there = await found(session, other.workspaceId);
    expect(there).toMatchObject({ workspaceId: other.workspaceId, role: 'analyst' });
    expect(there.permissions.has('members:manage')).toBe(false);
    expect((await found(session)).permissions.has('members:manage')).toBe(true);
  });

  it.each(['of another', 'that nobody has'])('is not found in a workspace %s', async (which) => {
    const { session } = await signIn();
    const { principal: other } = await signIn();
    const id = which === 'that nobody has' ? '65f0c0ffee0123456789abcd' : other.workspaceId;
    await expect(callers.ofSession(session, id)).rejects.toMatchObject({ code: 'resource_not_found' });
  });

  it('is not found in his own workspace when it is deleted', async () => {
    const { session, principal } = await signIn();
    await test.workspaces.setDeleted(principal.workspaceId, test.now);
    test.pass(5_000);
    await expect(callers.ofSession(session)).rejects.toMatchObject({ code: 'resource_not_found' });
  });

  it('who is demoted, disabled, deleted or signed out is that within five seconds', async () => {
    const changes: Array<[(userId: string, sessionId: string) => Promise<unknown>, boolean]> = [
      [(id) => test.users.setRole(id, 'analyst'), true],
      [(id) => test.users.setDisabled(id, test.now), false],
      [(id) => test.users.setDeleted(id, test.now), false],
      [(id) => test.users.endSessions(id), false],
      [(id, sessionId) => test.sessions.end(id, sessionId, BY), false],
    ];
    for (const [change, isStillKnown] of changes) {
      const { user, session } = await signIn();
      await change(user.id, session.sessionId);
      test.pass(5_000);
      const principal = await callers.ofSession(session);
      expect(principal !== undefined).toBe(isStillKnown);
      expect(principal?.permissions.has('members:manage') ?? false).toBe(false);
    }
  });

  it('costs the store one question in five seconds, however often he asks', async () => {
    const { session } = await signIn();
    let reads = 0;
    const { sessionRepository } = test;
    const real = sessionRepository.identity.bind(sessionRepository);
    sessionRepository.identity = (id) => {
      reads += 1;
      return real(id);
    };
    callers = test.callers();
    await Promise.all(Array.from({ length: 100 }, () => callers.ofSession(session)));
    test.pass(4_999);
    await callers.ofSession(session);
    expect(reads).toBe(1);
    test.pass(1);
    await callers.ofSession(session);
    expect(reads).toBe(2);
    sessionRepository.identity = real;
  });

  it('is kept in memory without any hash of his tokens', async () => {
    const { session } = await signIn();
    const kept = await test.sessionRepository.identity(session.sessionId);
    expect(Object.keys(kept?.session ?? {}).sort()).toEqual(['expiresAt', 'id', 'sessionVersion', 'userId']);
  });

  it('whose token says another version or another person is nobody', async () => {
    const { session } = await signIn();
    expect(await callers.ofSession({ ...session, sessionVersion: 2 })).toBeUndefined();
    expect(await callers.ofSession({ ...session, userId: '65f0c0ffee0123456789abcd' })).toBeUndefined();
    expect(await callers.ofSession({ ...session, sessionId: '65f0c0ffee0123456789abcd' })).toBeUndefined();
  });

  it('is forgotten at once where the session ended', async () => {
    const { user, session } = await signIn();
    await test.sessions.end(user.id, session.sessionId, BY);
    expect(await callers.ofSession(session)).toBeDefined();
    callers.forgetSession(session.sessionId);
    expect(await callers.ofSession(session)).toBeUndefined();
  });

  describe('with a key', () => {
    const scopes: Permission[] = ['members:read', 'audit:read'];
    const makeKey = async (expiresInMs?: number) => {
      const { user, principal } = await signIn();
      const end = expiresInMs === undefined ? {} : { expiresAt: new Date(test.now.getTime() + expiresInMs) };
      const made = await test.keys.create(principal, { name: 'k', role: 'service', scopes, ...end }, BY);
      return { ...made, user, principal };
    };

    it('may do what the key, its role and its owner may, in the workspace of the key', async () => {
      const { secret, key, user, principal } = await makeKey();
      expect(secret).toMatch(/^fm_live_[A-Za-z0-9_-]{43}$/);
      const found = await callers.ofKey(secret);
      expect(found).toMatchObject({ kind: 'key', keyId: key.id, userId: user.id, workspaceId: principal.workspaceId });
      expect([...found.permissions].sort()).toEqual(['audit:read', 'members:read']);
      await expect(callers.ofKey(secret, '65f0c0ffee0123456789abcd')).rejects.toMatchObject({
        code: 'resource_not_found',
      });
    });

    it('is nobody within five seconds after the key was revoked, or its owner left or was disabled', async () => {
      const changes: Array<(made: Awaited<ReturnType<typeof makeKey>>) => Promise<unknown>> = [
        ({ principal, key }) => test.keys.revoke(principal, key.id, BY),
        ({ principal, user }) => test.memberships.remove(principal, user.id),
        ({ user }) => test.users.setDisabled(user.id, test.now),
        ({ user }) => test.users.setDeleted(user.id, test.now),
        ({ principal }) => test.workspaces.setDeleted(principal.workspaceId, test.now),
      ];
      for (const change of changes) {
        const made = await makeKey();
        await expect(callers.ofKey(made.secret)).resolves.toBeDefined();
        await change(made);
        test.pass(5_000);
        await expect(callers.ofKey(made.secret)).rejects.toThrow(ApiKeyInvalidError);
      }
    });

    it('works on behind an address from which no unknown key is looked at', async () => {
      const { secret, key, principal } = await makeKey();
      const behind = () => callers.ofKey(secret, undefined, () => false);
      await expect(behind()).rejects.toThrow(ApiKeyInvalidError);
      await callers.ofKey(secret);
      for (let minute = 0; minute < 90; minute += 30) {
        test.pass(1_800_000);
        await expect(behind()).resolves.toMatchObject({ keyId: key.id });
      }
      test.pass(3_600_000);
      await expect(behind()).rejects.toThrow(ApiKeyInvalidError);
      await callers.ofKey(secret);
      await test.keys.revoke(principal, key.id, BY);
      test.pass(5_000);
      await expect(behind()).rejects.toThrow(ApiKeyInvalidError);
    });

    it('may no more than its owner may by then', async () => {
      const { secret, principal, user } = await makeKey();
      await join(principal, (await signIn()).user.id, 'manager');
      await test.users.setRole(user.id, 'analyst');
      expect([...(await callers.ofKey(secret)).permissions].sort()).toEqual(['audit:read', 'members:read']);
    });

    it('is nobody when the key has expired, is cut, changed, or looks like something else', async () => {
      const { secret } = await makeKey(1_000);
      await expect(callers.ofKey(secret)).resolves.toBeDefined();
      test.pass(1_000);
      const last = secret.endsWith('A') ? 'B' : 'A';
      for (const wrong of [secret, secret.slice(0, -1), secret.slice(0, -1) + last, `ap_live_${secret.slice(8)}`, ''])
        await expect(callers.ofKey(wrong)).rejects.toThrow(ApiKeyInvalidError);
    });

    it('is known by its old key and its new one for a day after it was rotated', async () => {
      const { secret, key, principal } = await makeKey();
      const next = await test.keys.rotate(principal, key.id, BY);
      expect(next.key).toMatchObject({ name: 'k', role: 'service', scopes });
      test.pass(86_399_000);
      await expect(callers.ofKey(secret)).resolves.toMatchObject({ keyId: key.id });
      test.pass(1_000);
      await expect(callers.ofKey(secret)).rejects.toThrow(ApiKeyInvalidError);
      await expect(callers.ofKey(next.secret)).resolves.toMatchObject({ keyId: next.key.id });
      await expect(test.keys.rotate(principal, key.id, BY)).rejects.toMatchObject({ code: 'resource_not_found' });
    });

    it('gets one successor, of ten who rotate at once', async () => {
      const { key, principal } = await makeKey();
      const all = await Promise.allSettled(Array.from({ length: 10 }, () => test.keys.rotate(principal, key.id, BY)));
      expect(all.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      const live = (await test.keys.list(principal, { limit: 50 })).filter(({ revokedAt }) => !revokedAt);
      expect(live).toHaveLength(2);
    });

    it('is made with no more than its maker may, for no time in the past, and not without end', async () => {
      const { principal } = await signIn();
      const wanted = { name: 'k', role: 'service' as const, scopes };
      const refused: Array<[Partial<typeof wanted> & { expiresAt?: Date }, string]> = [
        [{ scopes: ['keys:manage'] }, 'forbidden_scope'],
        [{ scopes: ['users:read'] }, 'forbidden_scope'],
        [{ expiresAt: new Date(test.now.getTime() - 1) }, 'validation_failed'],
      ];
      for (const [change, code] of refused)
        await expect(test.keys.create(principal, { ...wanted, ...change }, BY)).rejects.toMatchObject({ code });
      for (let i = 0; i < 50; i++) await test.keys.create(principal, wanted, BY);
      await expect(test.keys.create(principal, wanted, BY)).rejects.toMatchObject({ code: 'quota_exceeded' });
    });

    const live = async (principal: Principal) =>
      (await test.keys.list(principal, { limit: 1_000 })).filter(
        ({ revokedAt, expiresAt }) => !revokedAt && (!expiresAt || expiresAt > test.now),
      );

    it('is never one too many, however many are made at once', async () => {
      const { principal } = await signIn();
      const wanted = { name: 'k', role: 'service' as const, scopes };
      await Promise.allSettled(Array.from({ length: 70 }, () => test.keys.create(principal, wanted, BY)));
      expect((await live(principal)).length).toBeLessThanOrEqual(50);
    });

    it('that has expired is in nobody’s way, and rotating again and again makes no heap of them', async () => {
      const { principal } = await signIn();
      const wanted = { name: 'k', role: 'service' as const, scopes };
      let { key } = await test.keys.create(principal, wanted, BY);
      const rotate = async () => ({ key } = await test.keys.rotate(principal, key.id, BY));
      for (let i = 0; i < 99; i++) await rotate();
      await expect(rotate()).rejects.toMatchObject({ code: 'quota_exceeded' });
      test.pass(86_400_000);
      expect(await live(principal)).toHaveLength(1);
      await expect(test.keys.create(principal, wanted, BY)).resolves.toBeDefined();
    });

    it('shows when it was last used, to the minute and without a write per request', async () => {
      const { secret, key, principal } = await makeKey();
      await Promise.all(Array.from({ length: 20 }, () => callers.ofKey(secret)));
      await eventually(async () => {
        expect((await test.keyRepository.find(principal, key.id))?.lastUsedAt).toEqual(test.now);
      });
    });
  });
});

describe('a ticket for a stream', () => {
  const test = new TestIdentity();
  const PATH = '/api/v1/stream';
  beforeAll(() => test.open());
  afterAll(() => test.close());

  const ticketOf = async (): Promise<{ ticket: string; sessionId: string }> => {
    const user = await test.enter('ticket@example.com');
    const session = await test.sessions.open(user, DEVICE, 'link');
    const principal = await test.callers().ofSession(session);
    return { ...(await test.tickets.issue(principal!, PATH)), sessionId: session.sessionId };
  };

  it('opens its stream once', async () => {
    const { ticket, sessionId } = await ticketOf();
    const all = await Promise.allSettled(Array.from({ length: 10 }, () => test.tickets.redeem(ticket, PATH)));
    const opened = all.filter(({ status }) => status === 'fulfilled');
    expect(opened).toMatchObject([{ value: { bearer: { kind: 'session', id: sessionId } } }]);
  });

  it('opens nothing after a minute, nothing else, and nothing when it is made up', async () => {
    const { ticket } = await ticketOf();
    const invalid = { code: 'stream_ticket_invalid' };
    await expect(test.tickets.redeem(ticket, '/api/v1/ws')).rejects.toMatchObject(invalid);
    await expect(test.tickets.redeem(`${ticket}x`, PATH)).rejects.toMatchObject(invalid);
    await expect(test.tickets.redeem('', PATH)).rejects.toMatchObject(invalid);
    test.pass(60_000);
    await expect(test.tickets.redeem(ticket, PATH)).rejects.toMatchObject(invalid);
  });
});

describe('a lockdown', () => {
  const test = new TestIdentity();
  beforeAll(() => test.open());
  afterAll(() => test.close());

  it('is felt by every process within five seconds, and its end too', async () => {
    const [here, there] = [test.lockdown(), test.lockdown()];
    expect(await there.isOn()).toBe(false);
    await here.set(true, BY);
    expect([await here.isOn(), await here.since()]).toEqual([true, test.now]);
    test.pass(5_000);
    expect(await there.isOn()).toBe(true);
    await here.set(false, BY);
    test.pass(5_000);
    expect([await here.isOn(), await there.isOn()]).toEqual([false, false]);
    expect(test.entries.map(({ action }) => action)).toEqual(['instance.locked', 'instance.unlocked']);
  });

  it('began when it was first put on, also when somebody puts it on once more', async () => {
    const lockdown = test.lockdown();
    await lockdown.set(true, BY);
    const since = test.now;
    test.pass(60_000);
    await lockdown.set(true, BY);
    expect([await lockdown.isOn(), await lockdown.since()]).toEqual([true, since]);
    await lockdown.set(false, BY);
    await lockdown.set(true, BY);
    expect(await lockdown.since()).toEqual(test.now);
  });
});
