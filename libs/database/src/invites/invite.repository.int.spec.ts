import { newId } from '@flowmate/domain';
import { TestDatabase } from '../../test/test-database.js';
import { Migrator } from '../migrations/migrator.js';
import { InviteRepository } from './invite.repository.js';

const DAY_MS = 86_400_000;

describe('invites', () => {
  const test = new TestDatabase();
  const invites = new InviteRepository(test.database);
  const [owner, other] = [{ workspaceId: newId() }, { workspaceId: newId() }];
  const now = new Date();
  const who = (email: string) => ({ userId: newId(), email });

  const make = async (email: string, expiresInMs = DAY_MS, workspace = owner) => {
    const expiresAt = new Date(now.getTime() + expiresInMs);
    const invite = { id: newId(), email, role: 'analyst', invitedBy: newId(), createdAt: now, expiresAt } as const;
    const isNew = await invites.create(workspace, invite, `hash of ${invite.id}`);
    return { ...invite, isNew, hash: `hash of ${invite.id}` };
  };

  beforeAll(async () => {
    await test.database.connect();
    await new Migrator(test.database).up();
  });
  afterAll(() => test.dispose());

  it('are one for each address and workspace', async () => {
    expect((await make('one@example.com')).isNew).toBe(true);
    expect((await make('one@example.com')).isNew).toBe(false);
    expect((await make('one@example.com', DAY_MS, other)).isNew).toBe(true);
  });

  it('of another workspace are not found, removed or counted', async () => {
    const { id, email } = await make('two@example.com');
    const before = await invites.count(other, 10);
    expect(await invites.remove(other, id)).toBe(false);
    expect(await invites.removeOfEmail(other, email)).toBe(false);
    expect((await invites.list(other, now, 10)).map((invite) => invite.id)).not.toContain(id);
    expect((await invites.list(owner, now, 10)).map((invite) => invite.id)).toContain(id);
    expect(await invites.count(other, 10)).toBe(before);
    expect(await invites.remove(owner, id)).toBe(true);
  });

  it('are taken by the token and the address together, in time, and by that person again', async () => {
    const { id, hash, email } = await make('three@example.com');
    const person = who(email);
    expect(await invites.takeUnscoped(hash, who('else@example.com'), now)).toBeNull();
    expect(await invites.takeUnscoped('another hash', person, now)).toBeNull();
    expect(await invites.takeUnscoped(hash, person, new Date(now.getTime() + DAY_MS))).toBeNull();
    const taken = await invites.takeUnscoped(hash, person, now);
    expect(taken).toMatchObject({ id, workspaceId: owner.workspaceId, role: 'analyst' });
    expect(taken).not.toHaveProperty('tokenHash');
    expect(await invites.takeUnscoped(hash, person, now)).toMatchObject({ id });
  });

  it('that have expired open nothing, neither a workspace nor the instance', async () => {
    const { email, hash } = await make('four@example.com', 1);
    const later = new Date(now.getTime() + 1_000);
    expect(await invites.isInvited(email, now)).toBe(true);
    expect(await invites.isInvited(email, later)).toBe(false);
    expect(await invites.takeUnscoped(hash, who(email), later)).toBeNull();
    expect((await invites.list(owner, later, 10)).map((invite) => invite.email)).not.toContain(email);
  });
});
