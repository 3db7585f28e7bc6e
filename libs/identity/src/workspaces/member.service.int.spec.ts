import {
  ApiKeyRepository,
  InviteRepository,
  MembershipRepository,
  Migrator,
  SessionRepository,
  UserRepository,
  WorkspaceRepository,
} from '@flowmate/database';
import { newId, type AuditEntry, type MemberRole } from '@flowmate/domain';
import { TestDatabase } from '../../../database/test/test-database.js';
import { AccountDeletion } from '../erasure/account-deletion.js';
import { MemberService } from './member.service.js';

describe('members who go at the same moment', () => {
  const test = new TestDatabase();
  const { database } = test;
  const users = new UserRepository(database);
  const memberships = new MembershipRepository(database);
  const entries: AuditEntry[] = [];
  const audit = { record: (entry: AuditEntry) => Promise.resolve(void entries.push(entry)) };
  const by = { actor: { kind: 'system' as const } };
  const clock = (): Date => new Date();

  beforeAll(async () => {
    await database.connect();
    await new Migrator(database).up();
  });
  afterAll(() => test.dispose());

  const person = async (): Promise<string> => {
    const id = newId();
    const user = {
      id,
      email: `${id}@example.com`,
      role: 'manager',
      personalWorkspaceId: newId(),
      createdAt: new Date(),
    } as const;
    await users.create({ ...user, sessionVersion: 1, identities: [] });
    return id;
  };
  const teamOf = async (...members: ReadonlyArray<readonly [string, MemberRole]>): Promise<{ workspaceId: string }> => {
    const owner = { workspaceId: newId() };
    for (const [userId, role] of members) await memberships.add(owner, { userId, role, since: new Date() });
    return owner;
  };
  /** Holds the first two who look until both have looked: each has seen the other. */
  const looking = (): MembershipRepository => {
    let looks = 0;
    const both = Promise.withResolvers<void>();
    return new Proxy(memberships, {
      get: (target, name) =>
        name === 'hasManager'
          ? async (...args: Parameters<MembershipRepository['hasManager']>) => {
              looks += 1;
              if (looks === 2) both.resolve();
              const answer = await target.hasManager(...args);
              if (looks <= 2) await both.promise;
              return answer;
            }
          : Reflect.get(target, name).bind?.(target),
    });
  };
  const parts = () => ({ users, audit, clock, memberships: looking(), invites: new InviteRepository(database) });
  const service = (): MemberService => new MemberService({ ...parts(), keys: new ApiKeyRepository(database) });

  const deletionParts = () => ({
    users,
    audit,
    clock,
    memberships,
    workspaces: new WorkspaceRepository(database),
    sessions: new SessionRepository(database),
    tell: () => Promise.resolve(),
  });

  it('leave a manager behind, and the trail tells only what happened', async () => {
    const [ann, bob] = [await person(), await person()];
    const owner = await teamOf([ann, 'manager'], [bob, 'manager']);
    const members = service();
    entries.length = 0;
    const left = await Promise.allSettled([ann, bob].map((id) => members.remove(owner, id, by)));
    const refused = left.filter(({ status }) => status === 'rejected');
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.every((one) => (one as PromiseRejectedResult).reason.code === 'last_manager')).toBe(true);
    expect(await memberships.hasManager(owner)).toBe(true);
    expect(entries).toHaveLength(2 - refused.length);
  });

  it('leave a manager behind when they delete their accounts', async () => {
    const [ann, bob, analyst] = [await person(), await person(), await person()];
    const owner = await teamOf([ann, 'manager'], [bob, 'manager'], [analyst, 'analyst']);
    const deletion = new AccountDeletion({ ...deletionParts(), memberships: looking() });
    const gone = await Promise.allSettled([ann, bob].map((id) => deletion.delete(id, by)));
    expect(gone.some(({ status }) => status === 'rejected')).toBe(true);
    expect(await memberships.hasManager(owner)).toBe(true);
  });

  it('are not kept by somebody who has gone before them, and take the workspace with them', async () => {
    const [ann, gone] = [await person(), await person()];
    const owner = await teamOf([ann, 'manager'], [gone, 'analyst']);
    const { workspaces, ...parts } = deletionParts();
    const made = { id: owner.workspaceId, name: 'T', kind: 'team', tier: 'free', createdBy: ann } as const;
    await workspaces.ensure({ ...made, createdAt: new Date() });
    const deletion = new AccountDeletion({ ...parts, workspaces });
    await deletion.delete(gone, by);
    expect(await workspaces.find(owner.workspaceId)).not.toHaveProperty('deletedAt');
    await deletion.delete(ann, by);
    expect(await workspaces.find(owner.workspaceId)).toHaveProperty('deletedAt');
  });
});
