import { ApiKeyRepository, SessionRepository, UserRepository, type User } from '@flowmate/database';
import { newId } from '@flowmate/domain';
import { tokenHash } from '@flowmate/crypto';
import { verifies } from '@flowmate/testing';
import { InstanceUnderTest } from './harness/instance.js';

interface Listed {
  readonly users: ReadonlyArray<{ id: string; email: string; role: string; state: string }>;
}

describe('flowmate, for the people of an instance', () => {
  const instance = new InstanceUnderTest();
  const users = new UserRepository(instance.store.database);
  const keys = new ApiKeyRepository(instance.store.database);
  const sessions = new SessionRepository(instance.store.database);
  let root: User;
  let ann: User;
  beforeAll(async () => {
    await instance.start();
    await instance.answer('users create Root@Example.com --role admin');
    await instance.answer('users create ann@example.com --role analyst');
    root = (await users.findByEmail('root@example.com'))!;
    ann = (await users.findByEmail('ann@example.com'))!;
  });
  afterAll(() => instance.store.dispose());
  const acts = async (): Promise<string[]> => {
    const own = { 'actor.kind': 'operator' } as never;
    const found = await (await instance.entries()).find(own).sort({ _id: 1 }).toArray();
    return found.map((entry) => {
      const { action, target } = entry as unknown as { action: string; target?: { id: string } };
      return `${action} ${target?.id ?? ''}`.trim();
    });
  };

  it('makes the first admin of an instance, whole, and nobody twice', async () => {
    expect(root).toMatchObject({ role: 'admin', settledAt: expect.any(Date) });
    const again = await instance.flowmate('users create root@example.com --role analyst');
    expect(again).toEqual({ code: 1, out: '', err: 'There is such a person already.\n' });
    expect(await acts()).toEqual([`account.created ${root.id}`, `account.created ${ann.id}`]);
  });

  it('lists people, by what is asked for', async () => {
    const emails = async (line: string) => (await instance.answer<Listed>(line)).users.map(({ email }) => email);
    expect((await emails('users list')).sort()).toEqual(['ann@example.com', 'root@example.com']);
    expect(await emails('users list --role admin')).toEqual(['root@example.com']);
    expect(await emails('users list --email ANN@example.com')).toEqual(['ann@example.com']);
    expect(await emails('users list --disabled')).toEqual([]);
    expect(await emails('users list --limit 1')).toHaveLength(1);
    const { out } = await instance.flowmate('users list --no-json');
    expect(out).toMatch(/^ID {24}ADDRESS {11}ROLE {5}STATE {3}LAST SIGN-IN\n/);
    expect(out).toContain(`${ann.id}  ann@example.com   analyst  active  -`);
  });

  it('changes the role, disables and enables, by id and by address, and records who it was', async () => {
    const before = (await acts()).length;
    expect(await instance.answer('users role ann@example.com manager')).toMatchObject({ users: [{ role: 'manager' }] });
    expect(await instance.answer(`users disable ${ann.id}`)).toMatchObject({ users: [{ state: 'disabled' }] });
    expect(await users.find(ann.id)).toMatchObject({ role: 'manager', disabledAt: expect.any(Date) });
    expect(await instance.answer('users enable ANN@example.com')).toMatchObject({ users: [{ state: 'active' }] });
    const words = ['user.role_changed', 'user.disabled', 'user.enabled'].map((word) => `${word} ${ann.id}`);
    expect((await acts()).slice(before)).toEqual(words);
    const last = await (await instance.entries()).find().sort({ _id: -1 }).limit(1).toArray();
    expect(last[0]).toMatchObject({
      actor: { kind: 'operator', id: expect.any(String) },
      from: { userAgent: expect.stringMatching(/^flowmate-cli\//) },
    });
  });

  it('keeps the last admin, and tells who is not there', async () => {
    const last = 'This is the last administrator of the instance. Make somebody else one first.\n';
    for (const line of ['users disable root@example.com', `users role ${root.id} analyst`])
      expect(await instance.flowmate(line)).toEqual({ code: 1, out: '', err: last });
    for (const line of ['users disable nobody@example.com', `sessions end ${newId()}`, 'keys list nobody'])
      expect(await instance.flowmate(line)).toEqual({ code: 1, out: '', err: 'There is no such person.\n' });
  });

  describe(verifies('FS-4', 'the sessions of somebody'), () => {
    // So that no two begin in the same millisecond.
    let opened = 0;
    const open = async (device: string): Promise<string> => {
      const { id: userId, sessionVersion } = (await users.find(ann.id))!;
      const [id, now] = [newId(), new Date(Date.now() + opened++)];
      const expiresAt = new Date(now.getTime() + 60_000);
      const times = { createdAt: now, lastUsedAt: now, expiresAt };
      await sessions.create({
        id,
        userId,
        sessionVersion,
        refreshHash: 'a-hash',
        device,
        address: '192.0.2.7',
        ...times,
      });
      return id;
    };
    const listed = async (): Promise<Array<[id: string, state: string]>> => {
      const { out } = await instance.flowmate('sessions list ann@example.com');
      expect(out).not.toContain('a-hash');
      const found = (JSON.parse(out) as { sessions: Array<{ id: string; state: string }> }).sessions;
      return found.map(({ id, state }) => [id, state]);
    };
    afterEach(() => instance.answer('sessions end ann@example.com'));

    it('are listed, the latest first, with all that tells them apart', async () => {
      const [phone, laptop] = [await open('phone'), await open('laptop')];
      expect(await instance.answer(`sessions list ${ann.id}`)).toEqual({
        sessions: [laptop, phone].map((id) => ({
          id,
          device: id === phone ? 'phone' : 'laptop',
          address: '192.0.2.7',
          createdAt: expect.any(String),
          lastUsedAt: expect.any(String),
          expiresAt: expect.any(String),
          state: 'good',
        })),
      });
      const { out } = await instance.flowmate('sessions list ann@example.com --no-json');
      expect(out).toMatch(/^ID {24}DEVICE {2}ADDRESS {4}CREATED {15}LAST USED {13}EXPIRES {15}STATE\n/);
      expect(out).toMatch(new RegExp(`\\n${phone}  phone {3}192\\.0\\.2\\.7  .*Z  good\\n`));
    });

    it('are verified: one that is worth nothing although nobody ended it is named', async () => {
      const before = await open('phone');
      // As a sign-in does that comes in between: all sessions end, and this one is only written then.
      await users.endSessions(ann.id);
      const after = await open('laptop');
      expect(await listed()).toEqual([
        [after, 'good'],
        [before, 'outdated'],
      ]);
      await instance.answer('users disable ann@example.com');
      const last = await open('tablet');
      expect(await listed()).toContainEqual([last, 'disabled']);
      await instance.answer('users enable ann@example.com');
    });

    it('are revoked, all of them', async () => {
      await open('phone');
      await instance.answer('sessions end ann@example.com');
      expect(await listed()).toEqual([]);
    });
  });

  it('ends all sessions of somebody', async () => {
    const now = new Date();
    const expiresAt = new Date(now.getTime() + 60_000);
    const session = {
      userId: ann.id,
      refreshHash: 'x',
      createdAt: now,
      lastUsedAt: now,
      expiresAt,
      device: 'd',
      address: 'a',
    };
    const { sessionVersion } = (await users.find(ann.id))!;
    await sessions.create({ id: newId(), sessionVersion, ...session });
    expect(await sessions.listOpen(ann.id, sessionVersion, now)).toHaveLength(1);
    expect(await instance.answer('sessions end ann@example.com')).toEqual({
      ended: { id: ann.id, email: 'ann@example.com' },
    });
    const after = (await users.find(ann.id))!.sessionVersion;
    expect(after).toBeGreaterThan(sessionVersion);
    expect(await sessions.listOpen(ann.id, after, now)).toEqual([]);
    expect(await acts()).toContain(`sessions.ended ${ann.id}`);
  });

  it('lists and revokes API keys, and shows none', async () => {
    const owner = { workspaceId: ann.personalWorkspaceId };
    const id = newId();
    const made = {
      id,
      ownerId: ann.id,
      name: 'ci',
      role: 'service',
      scopes: [],
      hint: 'abcd',
      createdAt: new Date(),
    } as const;
    const hash = tokenHash('fm_live_x');
    await keys.create(owner, made, hash);
    for (const which of ['ann@example.com', ann.personalWorkspaceId]) {
      const { out } = await instance.flowmate(`keys list ${which}`);
      expect(JSON.parse(out)).toMatchObject({
        keys: [{ id, state: 'good', hint: 'abcd', workspaceId: owner.workspaceId }],
      });
      expect(out).not.toContain(hash);
    }
    expect(await instance.answer(`keys revoke ${id}`)).toMatchObject({ keys: [{ id, state: 'revoked' }] });
    expect(await keys.find(owner, id)).toMatchObject({ revokedAt: expect.any(Date) });
    expect(await acts()).toContain(`key.revoked ${id}`);
    expect(await instance.flowmate(`keys revoke ${id}`)).toMatchObject({
      code: 1,
      err: 'The key is revoked already.\n',
    });
    expect(await instance.flowmate(`keys revoke ${newId()}`)).toMatchObject({
      code: 1,
      err: 'There is no such key.\n',
    });
  });

  it('locks the instance down, and opens it', async () => {
    expect(await instance.answer('lockdown status')).toEqual({ lockdown: 'off' });
    expect(await instance.answer('lockdown on')).toEqual({ lockdown: 'on', since: expect.any(String) });
    const { out } = await instance.flowmate('lockdown status --no-json');
    expect(out).toMatch(/^The instance is read-only since \d{4}-.*Z\.\n$/);
    expect(await instance.answer('lockdown off')).toEqual({ lockdown: 'off' });
    expect((await acts()).slice(-2)).toEqual(['instance.locked', 'instance.unlocked']);
    expect(await instance.answer('audit verify --all')).toMatchObject({ ok: true });
  });
});
