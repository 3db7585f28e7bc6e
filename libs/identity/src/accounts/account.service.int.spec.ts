import { DEVICE, TestIdentity } from '../../test/test-identity.js';
import {
  AccountDisabledError,
  InstanceLockedError,
  OtherIdentityError,
  SignUpClosedError,
} from '../identity.errors.js';

const OPERATOR = { actor: { kind: 'operator' as const, id: 'root' } };

describe('an account', () => {
  let test: TestIdentity;
  beforeEach(async () => {
    test = new TestIdentity();
    await test.open();
  });
  afterEach(() => test.close());

  it('is made at the first sign-in, with a workspace of which its person is the manager', async () => {
    const user = await test.enter('ada@example.com');
    expect(user).toMatchObject({ email: 'ada@example.com', role: 'manager' });
    const workspace = { workspaceId: user.personalWorkspaceId };
    expect(await test.workspaces.find(user.personalWorkspaceId)).toMatchObject({
      kind: 'personal',
      createdBy: user.id,
    });
    expect(await test.memberships.find(workspace, user.id)).toMatchObject({ role: 'manager' });
    expect((await test.enter('ada@example.com')).id).toBe(user.id);
    expect(test.entries.map(({ action }) => action)).toEqual(['account.created']);
  });

  it('is one, of twenty sign-ins at once', async () => {
    const users = await Promise.all(Array.from({ length: 20 }, () => test.enter('ada@example.com')));
    expect(new Set(users.map(({ id }) => id)).size).toBe(1);
    expect(await test.users.list({ limit: 10 })).toHaveLength(1);
    expect(await test.memberships.ofUser(users[0]?.id ?? '', 10)).toHaveLength(1);
  });

  it('gets what a sign-in that was cut off had not made', async () => {
    const made = await test.enter('ada@example.com');
    await test.memberships.removeOfUser(made.id);
    await test.workspaces.erase(made.personalWorkspaceId);
    await test.users.erase(made.id);
    const { settledAt, ...unsettled } = made;
    await test.users.create(unsettled);
    const again = await test.enter('ada@example.com');
    expect(again.id).toBe(made.id);
    expect(await test.memberships.find({ workspaceId: made.personalWorkspaceId }, made.id)).not.toBeNull();
    expect(settledAt).toBeInstanceOf(Date);
  });

  it('of whoever sets an instance up has a workspace for a team; those after it are free', async () => {
    const [first, second] = [await test.enter('a@example.com'), await test.enter('b@example.com')];
    const tiers = await Promise.all([first, second].map((user) => test.workspaces.find(user.personalWorkspaceId)));
    expect(tiers.map((workspace) => workspace?.tier)).toEqual(['team', 'free']);
  });

  it('is the admin for being first in development only', async () => {
    expect((await test.enter('a@example.com')).role).toBe('manager');
    const development = new TestIdentity();
    development.isFirstAdmin = true;
    await development.open();
    const roles = [await development.enter('a@example.com'), await development.enter('b@example.com')];
    await development.close();
    expect(roles.map(({ role }) => role)).toEqual(['admin', 'manager']);
  });

  it('of ADMIN_EMAIL becomes the admin while there is none, and not again after that', async () => {
    await test.enter('chief@example.com');
    test.policy = { policy: 'invite', domains: [], adminEmail: 'chief@example.com' };
    const chief = await test.enter('chief@example.com');
    expect(chief.role).toBe('admin');
    await test.users.setRole((await test.accounts.provide('other@example.com', 'admin', OPERATOR)).id, 'admin');
    await test.users.setRole(chief.id, 'manager');
    expect((await test.enter('chief@example.com')).role).toBe('manager');
  });

  it('that an operator makes is one entry, by him, and changes nobody who is here', async () => {
    const { id } = await test.accounts.provide('a@example.com', 'admin', OPERATOR);
    const made = { action: 'account.created', ...OPERATOR, target: { kind: 'user', id }, details: { role: 'admin' } };
    expect(test.entries).toEqual([expect.objectContaining(made)]);
    expect(await test.accounts.provide('a@example.com', 'analyst', OPERATOR)).toMatchObject({ id, role: 'admin' });
    expect(test.entries).toHaveLength(1);
  });

  it('is made only for whom the instance admits', async () => {
    test.policy = { policy: 'domains', domains: ['example.com'], adminEmail: undefined };
    await expect(test.enter('a@example.com')).resolves.toMatchObject({ email: 'a@example.com' });
    for (const email of ['a@sub.example.com', 'a@notexample.com', 'example.com@x.io'])
      await expect(test.enter(email)).rejects.toThrow(SignUpClosedError);
    test.policy = { policy: 'invite', domains: [], adminEmail: undefined };
    await expect(test.enter('b@example.com')).rejects.toThrow(SignUpClosedError);
    await expect(test.enter('a@example.com')).resolves.toMatchObject({ email: 'a@example.com' });
    test.invited.add('b@example.com');
    await expect(test.enter('b@example.com')).resolves.toMatchObject({ role: 'manager' });
  });

  it('is not made while the instance is locked', async () => {
    await test.enter('a@example.com');
    await test.lockdown().set(true, { actor: { kind: 'operator' } });
    await expect(test.enter('b@example.com')).rejects.toThrow(InstanceLockedError);
    await expect(test.enter('a@example.com')).resolves.toMatchObject({ email: 'a@example.com' });
  });

  it('that is disabled lets nobody in', async () => {
    const { id } = await test.enter('a@example.com');
    await test.users.setDisabled(id, test.now);
    test.entries.length = 0;
    await expect(test.enter('a@example.com')).rejects.toThrow(AccountDisabledError);
    expect(test.entries).toMatchObject([
      { action: 'auth.sign_in_failed', actor: { kind: 'user', id }, outcome: 'refused', from: DEVICE },
    ]);
  });

  it('that was disabled and is not any more has none of the sessions from before', async () => {
    const user = await test.enter('a@example.com');
    const session = await test.sessions.open(user, DEVICE, 'link');
    await test.users.setDisabled(user.id, test.now);
    await test.users.setDisabled(user.id, undefined);
    expect(await test.callers().ofSession(session)).toBeUndefined();
    await expect(test.sessions.refresh(session.refreshToken, DEVICE)).rejects.toMatchObject({
      code: 'auth_refresh_invalid',
    });
  });

  it('that was deleted comes back with its workspace when its person does', async () => {
    const user = await test.enter('a@example.com');
    await test.users.setDeleted(user.id, test.now);
    await test.workspaces.setDeleted(user.personalWorkspaceId, test.now);
    const back = await test.enter('a@example.com');
    expect(back.id).toBe(user.id);
    expect(back).not.toHaveProperty('deletedAt');
    expect((await test.workspaces.find(user.personalWorkspaceId))?.deletedAt).toBeUndefined();
  });

  it('that came back half, because its process was killed, comes back whole the next time', async () => {
    const user = await test.enter('a@example.com');
    await test.users.setDeleted(user.id, test.now);
    await test.workspaces.setDeleted(user.personalWorkspaceId, test.now);
    const real = test.workspaces.setDeleted.bind(test.workspaces);
    test.workspaces.setDeleted = () => Promise.reject(new Error('killed'));
    await expect(test.enter('a@example.com')).rejects.toThrow('killed');
    test.workspaces.setDeleted = real;
    await test.enter('a@example.com');
    expect((await test.workspaces.find(user.personalWorkspaceId))?.deletedAt).toBeUndefined();
  });

  it('is found by the identity at a provider, whatever its address is by then', async () => {
    const identity = { issuer: 'https://id.example', subject: '1' };
    const person = { from: DEVICE, via: 'oidc' as const, identity };
    const user = await test.accounts.enter({ ...person, email: 'a@example.com' });
    expect((await test.accounts.enter({ ...person, email: 'b@example.com' })).id).toBe(user.id);
    const linked = await test.enter('c@example.com');
    const other = { ...person, identity: { issuer: 'https://id.example', subject: '2' }, email: 'c@example.com' };
    expect((await test.accounts.enter(other)).id).toBe(linked.id);
  });

  it('belongs to one identity of a provider: another with the same address does not get it', async () => {
    const at = (subject: string) => ({ issuer: 'https://id.example', subject });
    const person = { from: DEVICE, via: 'oidc' as const, email: 'a@example.com' };
    const user = await test.accounts.enter({ ...person, identity: at('1') });
    await expect(test.accounts.enter({ ...person, identity: at('2') })).rejects.toThrow(OtherIdentityError);
    const elsewhere = { issuer: 'https://other.example', subject: '2' };
    expect((await test.accounts.enter({ ...person, identity: elsewhere })).id).toBe(user.id);
    expect((await test.users.find(user.id))?.identities).toEqual([at('1'), elsewhere]);
  });

  it('is nobody’s whose identity is made of two of its own: the issuer of one, the subject of the other', async () => {
    const person = { from: DEVICE, via: 'oidc' as const };
    const [first, second] = [
      { issuer: 'https://id.example', subject: '1' },
      { issuer: 'https://other.example', subject: '2' },
    ];
    const user = await test.accounts.enter({ ...person, email: 'a@example.com', identity: first });
    await test.accounts.enter({ ...person, email: 'a@example.com', identity: second });
    const thief = { issuer: first.issuer, subject: second.subject };
    expect(await test.users.findByIdentity(thief)).toBeNull();
    expect((await test.accounts.enter({ ...person, email: 'eve@example.com', identity: thief })).id).not.toBe(user.id);
  });

  it('is linked to one of two identities that come at once, and that is written down', async () => {
    const { id } = await test.enter('a@example.com');
    const enter = (subject: string) =>
      test.accounts.enter({
        email: 'a@example.com',
        from: DEVICE,
        via: 'oidc',
        identity: { issuer: 'https://id.example', subject },
      });
    const outcomes = await Promise.allSettled([enter('1'), enter('2'), enter('3')]);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect((await test.users.find(id))?.identities).toHaveLength(1);
    expect(test.entries.filter(({ action }) => action === 'account.linked')).toMatchObject([
      { actor: { kind: 'user', id }, target: { kind: 'user', id }, from: DEVICE },
    ]);
  });

  it('is one, of two sign-ins at once of an identity whose address changes', async () => {
    const identity = { issuer: 'https://id.example', subject: '1' };
    const enter = (email: string) => test.accounts.enter({ email, from: DEVICE, via: 'oidc', identity });
    const users = await Promise.all(['a@example.com', 'b@example.com', 'c@example.com'].map(enter));
    expect(new Set(users.map(({ id }) => id)).size).toBe(1);
  });

  it('is no admin any more when the provider, which says who is one, does not name its person', async () => {
    const person = { email: 'a@example.com', from: DEVICE, via: 'oidc' as const };
    await test.accounts.enter({ ...person, role: 'admin' });
    expect((await test.accounts.enter({ ...person, isNoAdmin: true })).role).toBe('admin');
    await test.accounts.provide('b@example.com', 'admin', OPERATOR);
    expect((await test.accounts.enter({ ...person, isNoAdmin: true })).role).toBe('manager');
    const { id } = await test.enter('c@example.com');
    await test.users.setRole(id, 'analyst');
    expect((await test.accounts.enter({ ...person, email: 'c@example.com', isNoAdmin: true })).role).toBe('analyst');
  });

  it('of an admin is not lost with the last other one when a provider takes it from both at once', async () => {
    const emails = ['a@example.com', 'b@example.com', 'c@example.com'];
    await Promise.all(emails.map((email) => test.accounts.provide(email, 'admin', OPERATOR)));
    test.entries.length = 0;
    await Promise.all(
      emails.map((email) => test.accounts.enter({ email, from: DEVICE, via: 'oidc', role: 'manager' })),
    );
    const admins = await test.users.list({ role: 'admin', limit: 10 });
    expect(admins.length).toBeGreaterThan(0);
    const changed = test.entries.filter(({ action }) => action === 'user.role_changed');
    expect(changed).toHaveLength(emails.length - admins.length);
  });

  it('takes the role that a provider names, but is never the last admin to lose it', async () => {
    const person = { email: 'a@example.com', from: DEVICE, via: 'oidc' as const };
    expect((await test.accounts.enter({ ...person, role: 'admin' })).role).toBe('admin');
    expect((await test.accounts.enter({ ...person, role: 'analyst' })).role).toBe('admin');
    await test.accounts.provide('b@example.com', 'admin', OPERATOR);
    expect((await test.accounts.enter({ ...person, role: 'analyst' })).role).toBe('analyst');
  });
});

describe('what an administrator does with people', () => {
  const test = new TestIdentity();
  const BY = { actor: { kind: 'user' as const, id: 'admin' } };
  beforeAll(() => test.open());
  afterAll(() => test.close());

  it('never leaves the instance without an administrator, whoever steps down, and however many at once', async () => {
    const admins = await Promise.all(
      ['a@example.com', 'b@example.com', 'c@example.com'].map((email) =>
        test.accounts.provide(email, 'admin', OPERATOR),
      ),
    );
    const changes = [{ role: 'manager' as const }, { isDisabled: true }, { role: 'analyst' as const }];
    const outcomes = await Promise.allSettled(
      admins.map(({ id }, index) => test.people.change(id, changes[index] ?? {}, BY)),
    );
    expect(outcomes.some(({ status }) => status === 'rejected')).toBe(true);
    expect(await test.users.hasOtherAdmin()).toBe(true);
  });

  it('is written down, with what it was before', async () => {
    const { id } = await test.accounts.provide('d@example.com', 'manager', OPERATOR);
    test.entries.length = 0;
    await test.people.change(id, { role: 'analyst', isDisabled: true, tier: 'pro' }, BY);
    await test.people.change(id, { role: 'analyst', isDisabled: false }, BY);
    expect(test.entries.map(({ action, details }) => [action, details])).toEqual([
      ['user.role_changed', { from: 'manager', to: 'analyst' }],
      ['user.disabled', {}],
      ['user.tier_changed', { to: 'pro' }],
      ['user.enabled', {}],
    ]);
  });

  it('is refused for somebody who is not there', async () =>
    expect(test.people.change('65f0c0ffee0123456789abcd', { role: 'admin' }, BY)).rejects.toMatchObject({
      code: 'resource_not_found',
    }));
});
