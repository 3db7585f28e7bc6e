import {
  AgentRepository,
  ApiKeyRepository,
  DatabaseUnavailableError,
  MembershipRepository,
  MemoryRepository,
  OutboxRepository,
  PayloadRepository,
  UserRepository,
  WorkspaceRepository,
} from '@flowmate/database';
import { AccountService, Callers, MemberService } from '@flowmate/identity';
import { newId } from '@flowmate/domain';
import { definitionOf } from '../src/agents/wanted-agent.js';
import { RunIntake } from '../src/runs/run-intake.js';
import { startApiUnderTest, type ApiUnderTest } from './harness/api-under-test.js';
import { newPerson, type Person } from './harness/people.js';
import { send, type Answer } from './harness/send.js';

const ME = '/api/v1/auth/me';

describe('the account of a person', () => {
  let api: ApiUnderTest;
  const get = <T>(type: abstract new (...args: never[]) => T): T => api.app.get(type, { strict: false });
  const ask = (who: Person, method: string, path: string, body?: object): Promise<Answer> => {
    const json = body && JSON.stringify(body);
    const headers = { ...who.headers, ...(json && { 'content-type': 'application/json' }) };
    return send(api.port, { method, path, headers, ...(json && { body: json }) });
  };
  const records = ({ body }: Answer): Array<Record<string, unknown> & { type: string }> =>
    body
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
  const team = async (who: Person): Promise<string> =>
    JSON.parse((await ask(who, 'POST', '/api/v1/workspaces', { name: 'Team' })).body).id;

  beforeAll(async () => {
    api = await startApiUnderTest({ modules: [] });
  });
  afterAll(() => api.close());

  it('is deleted with all its sessions and workspaces, told so by mail, and comes back with a sign-in', async () => {
    const [ann] = [await newPerson(api), await newPerson(api, { role: 'admin' })];
    const [alone, shared] = [await team(ann), await team(ann)];
    const bob = await newPerson(api);
    await get(MembershipRepository).add(
      { workspaceId: shared },
      { userId: bob.userId, role: 'manager', since: new Date() },
    );
    expect((await ask(ann, 'DELETE', ME)).status).toBe(204);
    expect((await ask(ann, 'GET', ME)).status).toBe(401);
    const refresh = JSON.stringify({ refreshToken: ann.refreshToken });
    const again = await send(api.port, {
      method: 'POST',
      path: '/api/v1/auth/refresh',
      headers: { 'content-type': 'application/json' },
      body: refresh,
    });
    expect(again.status).toBe(401);
    const mails = (await get(OutboxRepository).latest(50)).filter(({ to }) => to === ann.email);
    expect(mails.map(({ kind }) => kind)).toEqual(['account-deletion']);
    const deleted = async (id: string) => Boolean((await get(WorkspaceRepository).find(id))?.deletedAt);
    expect([await deleted(ann.workspaceId), await deleted(alone), await deleted(shared)]).toEqual([true, true, false]);
    expect((await get(MemberService).list({ workspaceId: shared })).map(({ userId }) => userId)).toEqual([bob.userId]);

    const back = await get(AccountService).enter({
      email: ann.email,
      from: { address: '', userAgent: '' },
      via: 'link',
    });
    expect(back.id).toBe(ann.userId);
    expect(await deleted(ann.workspaceId)).toBe(false);
    expect((await ask(ann, 'GET', ME)).status).toBe(401);
  });

  it('of the last admin stays, also when two admins go at once (case R09)', async () => {
    const users = get(UserRepository);
    for (const { id } of await users.list({ role: 'admin', limit: 100 })) await users.setRole(id, 'manager');
    const ann = await newPerson(api, { role: 'admin' });
    const refused = await ask(ann, 'DELETE', ME);
    expect([refused.status, JSON.parse(refused.body).code]).toEqual([409, 'last_admin']);
    expect((await ask(ann, 'GET', ME)).status).toBe(200);
    const bob = await newPerson(api, { role: 'admin' });
    await Promise.all([ask(ann, 'DELETE', ME), ask(bob, 'DELETE', ME)]);
    expect(await users.hasOtherAdmin()).toBe(true);
  });

  it('is exported whole: what is kept about its person, nothing of others and nothing that opens anything', async () => {
    const [ann, bob] = [await newPerson(api), await newPerson(api)];
    const shared = await team(ann);
    await get(MembershipRepository).add(
      { workspaceId: shared },
      { userId: bob.userId, role: 'manager', since: new Date() },
    );
    const key = { name: 'Mine', role: 'service', scopes: ['account:read'] };
    const made = JSON.parse((await ask(ann, 'POST', '/api/v1/api-keys', key)).body);
    await get(ApiKeyRepository).create(
      { workspaceId: shared },
      {
        id: newId(),
        name: 'Of Bob',
        role: 'service',
        scopes: [],
        ownerId: bob.userId,
        hint: 'abcd',
        createdAt: new Date(),
      },
      'a-hash',
    );
    const answer = await ask(ann, 'GET', `${ME}/export`);
    expect(answer.status).toBe(200);
    expect(answer.headers).toMatchObject({
      'content-type': 'application/x-ndjson',
      'content-disposition': 'attachment; filename="account.ndjson"',
      'cache-control': 'no-store',
    });
    const found = records(answer);
    expect(found[0]).toMatchObject({ type: 'account', id: ann.userId, email: ann.email });
    const count = (type: string) => found.filter((record) => record.type === type).length;
    expect([count('session'), count('membership'), count('api_key')]).toEqual([1, 2, 1]);
    const acts = found.filter(({ type }) => type === 'audit');
    expect(acts.map(({ action }) => action)).toEqual(
      expect.arrayContaining(['auth.signed_in', 'workspace.created', 'account.exported']),
    );
    expect(acts.every(({ actor }) => (actor as { id: string }).id === ann.userId)).toBe(true);
    for (const secret of [bob.email, bob.userId, ann.refreshToken, made.secret ?? made.key, 'Hash', 'hash'])
      expect(answer.body).not.toContain(secret);
  });

  it('is not exported by a key, nor is a workspace', async () => {
    const ann = await newPerson(api);
    const wanted = { name: 'Mine', role: 'service', scopes: ['account:read', 'workspaces:read'] };
    const made = await ask(ann, 'POST', '/api/v1/api-keys', wanted);
    const [secret] = /fm_live_[A-Za-z0-9_-]{43}/.exec(made.body) ?? [];
    const headers = { authorization: `Bearer ${secret}` };
    for (const path of [`${ME}/export`, `/api/v1/workspaces/${ann.workspaceId}/export`]) {
      const { status, body } = await send(api.port, { path, headers });
      expect([status, JSON.parse(body).code]).toEqual([403, 'forbidden_scope']);
    }
    const { status } = await send(api.port, { path: '/api/v1/workspaces', headers });
    expect(status).toBe(200);
  });

  it('sees a workspace exported with its members, keys and trail, without their secrets (case R13)', async () => {
    const [ann, bob] = [await newPerson(api), await newPerson(api)];
    const shared = await team(ann);
    await get(MembershipRepository).add(
      { workspaceId: shared },
      { userId: bob.userId, role: 'analyst', since: new Date() },
    );
    await get(AgentRepository).create(
      { workspaceId: shared },
      { id: newId(), definition: definitionOf({ name: 'Kept' }), createdBy: ann.userId, at: new Date(), limit: null },
    );
    const { id: exportedRun } = await get(RunIntake).begin(
      (await get(Callers).ofSession({ ...ann, sessionVersion: 1 }, shared))!,
      { agentId: newId(), agentVersion: 1, input: 'Kept input.', timeoutMs: 1_000, trigger: 'api' },
      undefined,
    );
    await get(PayloadRepository).put({ workspaceId: shared }, exportedRun, 'Kept text.');
    const memory = { agentId: newId(), name: 'note', text: 'kept', runId: newId(), at: new Date() };
    await get(MemoryRepository).set({ workspaceId: shared }, memory);
    await ask(ann, 'POST', `/api/v1/workspaces/${shared}/invites`, { email: 'invited@example.com', role: 'analyst' });
    const gone = await newPerson(api);
    await get(MembershipRepository).add(
      { workspaceId: shared },
      { userId: gone.userId, role: 'analyst', since: new Date() },
    );
    await get(UserRepository).setDeleted(gone.userId, new Date());
    const path = `/api/v1/workspaces/${shared}/export`;
    const answer = await ask(ann, 'GET', path);
    const found = records(answer);
    expect(found[0]).toMatchObject({ type: 'workspace', id: shared });
    expect(
      found
        .filter(({ type }) => type === 'member')
        .map(({ email }) => email)
        .sort(),
    ).toEqual([ann.email, bob.email].sort());
    expect(found.find(({ type }) => type === 'invite')).toMatchObject({ email: 'invited@example.com' });
    expect(found.filter(({ type }) => type === 'agent_version')).toMatchObject([{ name: 'Kept', version: 1 }]);
    expect(found.filter(({ type }) => type === 'run')).toMatchObject([{ input: 'Kept input.', journal: [{ seq: 1 }] }]);
    expect(found.filter(({ type }) => type === 'run_text')).toMatchObject([{ runId: exportedRun, text: 'Kept text.' }]);
    expect(found.filter(({ type }) => type === 'memory')).toMatchObject([{ name: 'note', text: 'kept' }]);
    expect(found.map(({ action }) => action)).toEqual(
      expect.arrayContaining(['workspace.created', 'workspace.exported']),
    );
    for (const word of ['Hash', 'hash', 'address":"203', ann.refreshToken, gone.email])
      expect(answer.body).not.toContain(word);
    const stranger = await ask(await newPerson(api), 'GET', path);
    expect([stranger.status, JSON.parse(stranger.body).code]).toEqual([404, 'resource_not_found']);
  });

  it('is cut where the store goes away while it is exported, and no file at all where it had gone before', async () => {
    const ann = await newPerson(api);
    const [users, memberships] = [get(UserRepository), get(MembershipRepository)];
    const [find, ofUser] = [users.find.bind(users), memberships.ofUser.bind(memberships)];
    const gone = () => Promise.reject(new DatabaseUnavailableError(false));
    memberships.ofUser = gone;
    await expect(ask(ann, 'GET', `${ME}/export`)).rejects.toMatchObject({ code: 'ECONNRESET' });
    memberships.ofUser = ofUser;
    users.find = gone;
    const { status, body, headers } = await ask(ann, 'GET', `${ME}/export`);
    users.find = find;
    expect([status, JSON.parse(body).code]).toEqual([503, 'database_unavailable']);
    expect(headers).not.toHaveProperty('content-disposition');
    expect(api.raw()).not.toMatch(/"level":"error"/);
    expect((await ask(ann, 'GET', `${ME}/export`)).status).toBe(200);
  });
});
