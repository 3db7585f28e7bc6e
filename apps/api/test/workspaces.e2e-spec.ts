import {
  ApiKeyRepository,
  MembershipRepository,
  OutboxRepository,
  UserRepository,
  WorkspaceRepository,
} from '@flowmate/database';
import { newId } from '@flowmate/domain';
import { SealedData } from '@flowmate/mail';
import { startApiUnderTest, type ApiUnderTest } from './harness/api-under-test.js';
import { newPerson, type Person } from './harness/people.js';
import { send, type Answer } from './harness/send.js';
import { StoreDigest } from './harness/store-digest.js';

const ROOT = '/api/v1/workspaces';

/** Whatever an answer holds: the tests say what it should be. */
type Json = ReturnType<typeof JSON.parse>;

describe('workspaces, members and invites', () => {
  let api: ApiUnderTest;
  const get = <T>(type: abstract new (...args: never[]) => T): T => api.app.get(type, { strict: false });

  beforeAll(async () => {
    api = await startApiUnderTest({
      modules: [],
      variables: { RATE_LIMIT_ROUTES: 'invite=1000/1h,invite-accept=1000/1m' },
    });
  });
  afterAll(() => api.close());

  const ask = async (who: Person, method: string, path: string, body?: object): Promise<Answer & { json: Json }> => {
    const json = body && JSON.stringify(body);
    const headers = { ...who.headers, ...(json && { 'content-type': 'application/json' }) };
    const answer = await send(api.port, { method, path, headers, ...(json && { body: json }) });
    const isJson = answer.headers['content-type']?.includes('json') && !answer.headers['content-type'].includes('nd');
    return { ...answer, json: isJson ? JSON.parse(answer.body) : undefined };
  };
  const make = async (who: Person, name = 'Research'): Promise<string> => {
    const { status, json } = await ask(who, 'POST', ROOT, { name });
    expect(status).toBe(201);
    return json.id;
  };
  /** What the mail to this address says, as a worker would open it. */
  const tokenTo = async (email: string): Promise<string> => {
    const mail = (await get(OutboxRepository).latest(100)).find(({ to, kind }) => to === email && kind === 'invite');
    const data = get(SealedData).open(mail!.id, 'invite', mail!.sealed!);
    return new URLSearchParams(new URL(data.url).hash.slice(1)).get('token') ?? '';
  };
  const join = async (manager: Person, workspace: string, role = 'analyst', who?: Person): Promise<Person> => {
    const person = who ?? (await newPerson(api));
    expect((await ask(manager, 'POST', `${ROOT}/${workspace}/invites`, { email: person.email, role })).status).toBe(
      201,
    );
    const token = await tokenTo(person.email);
    expect((await ask(person, 'POST', '/api/v1/invites/accept', { token })).status).toBe(200);
    return person;
  };

  it('are made, listed, renamed, deleted and brought back', async () => {
    const ann = await newPerson(api);
    const id = await make(ann, '  Cafe\u0301 ');
    expect((await ask(ann, 'GET', `${ROOT}/${id}`)).json).toMatchObject({
      id,
      name: 'Café',
      kind: 'team',
      tier: expect.any(String),
    });
    expect((await ask(ann, 'GET', ROOT)).json.workspaces).toHaveLength(2);
    expect((await ask(ann, 'PATCH', `${ROOT}/${id}`, { name: 'Lab' })).json.name).toBe('Lab');
    expect((await ask(ann, 'DELETE', `${ROOT}/${id}`)).status).toBe(204);
    expect((await ask(ann, 'GET', `${ROOT}/${id}`)).status).toBe(404);
    expect((await ask(ann, 'GET', ROOT)).json.workspaces).toHaveLength(1);
    expect((await ask(ann, 'GET', `${ROOT}?deleted=true`)).json.workspaces).toMatchObject([
      { id, deletedAt: expect.any(String) },
    ]);
    expect((await ask(ann, 'POST', `${ROOT}/${id}/restore`)).json).toMatchObject({ id, name: 'Lab' });
    expect((await ask(ann, 'GET', `${ROOT}/${id}`)).status).toBe(200);
    expect((await ask(ann, 'POST', `${ROOT}/${id}/restore`)).status).toBe(404);
  });

  it.each(['', '   ', 'x'.repeat(81), 'a\u0000b', 'a\nb', 'a\u202eb', '\u3164', 'a\u00adb', 7, null, ['a']])(
    'are not called %j',
    async (name) => {
      const ann = await newPerson(api);
      expect((await ask(ann, 'POST', ROOT, { name })).json).toMatchObject({ status: 400, code: 'validation_failed' });
      expect((await ask(ann, 'POST', ROOT, { name: 'ok', tier: 'unlimited' })).status).toBe(400);
    },
  );

  it('cannot be had back after thirty days, nor by somebody who is no manager of them', async () => {
    const ann = await newPerson(api);
    const id = await make(ann);
    const bob = await join(ann, id, 'analyst');
    await ask(ann, 'DELETE', `${ROOT}/${id}`);
    expect((await ask(bob, 'POST', `${ROOT}/${id}/restore`)).status).toBe(404);
    await get(WorkspaceRepository).setDeleted(id, new Date(Date.now() - 30 * 86_400_000 - 1));
    expect((await ask(ann, 'POST', `${ROOT}/${id}/restore`)).status).toBe(404);
    expect((await ask(ann, 'GET', `${ROOT}?deleted=true`)).json.workspaces).toEqual([]);
  });

  it('keep a personal one as long as its person, and to that person', async () => {
    const ann = await newPerson(api);
    const own = `${ROOT}/${ann.workspaceId}`;
    const refused = { status: 409, code: 'personal_workspace' };
    expect((await ask(ann, 'DELETE', own)).json).toMatchObject(refused);
    expect(
      (await ask(ann, 'POST', `${own}/invites`, { email: 'bob@example.com', role: 'analyst' })).json,
    ).toMatchObject(refused);
    expect((await ask(ann, 'DELETE', `${own}/members/me`)).json).toMatchObject({ code: 'last_manager' });
  });

  it('are never more than 100 for a person, also when many are made at once', async () => {
    const ann = await newPerson(api);
    for (let index = 0; index < 97; index += 1) {
      await get(MembershipRepository).add(
        { workspaceId: newId() },
        { userId: ann.userId, role: 'analyst', since: new Date() },
      );
    }
    const answers = await Promise.all(Array.from({ length: 8 }, () => ask(ann, 'POST', ROOT, { name: 'Many' })));
    expect(answers.filter(({ status }) => status === 201).length).toBeLessThanOrEqual(2);
    expect(answers.filter(({ json }) => json.code === 'quota_exceeded').length).toBeGreaterThanOrEqual(6);
    expect((await get(MembershipRepository).ofUser(ann.userId, 200)).length).toBeLessThanOrEqual(100);
    // The personal one and those that were made: what was refused has left nothing behind.
    const store = new StoreDigest(api.name);
    const made = answers.filter(({ status }) => status === 201).length;
    expect((await store.dump()).split(`"createdBy":"${ann.userId}"`)).toHaveLength(1 + 1 + made);
    await store.close();
  });

  it('hide what is not theirs behind one answer, on every route (cases R01 to R03)', async () => {
    const [ann, bob] = await Promise.all([newPerson(api), newPerson(api)]);
    const id = await make(ann);
    const mate = await join(ann, id);
    await ask(ann, 'POST', `${ROOT}/${id}/invites`, { email: 'open@example.com', role: 'analyst' });
    const [invite] = (await ask(ann, 'GET', `${ROOT}/${id}/invites`)).json.invites;
    const routes: ReadonlyArray<readonly [string, string, object?]> = [
      ['GET', ''],
      ['PATCH', '', { name: 'Mine' }],
      ['DELETE', ''],
      ['POST', '/restore'],
      ['GET', '/members'],
      ['PATCH', `/members/${mate.userId}`, { role: 'manager' }],
      ['DELETE', `/members/${mate.userId}`],
      ['DELETE', '/members/me'],
      ['GET', '/invites'],
      ['POST', '/invites', { email: 'x@example.com', role: 'analyst' }],
      ['DELETE', `/invites/${invite.id}`],
      ['GET', '/export'],
    ];
    for (const [method, path, body] of routes) {
      const theirs = await ask(bob, method, `${ROOT}/${id}${path}`, body);
      const nobodys = await ask(bob, method, `${ROOT}/${newId()}${path}`, body);
      const { correlationId, instance, ...problem } = theirs.json;
      const { correlationId: _, instance: __, ...other } = nobodys.json;
      expect([method, path, problem.status, problem.code]).toEqual([method, path, 404, 'resource_not_found']);
      expect(problem).toEqual(other);
      const malformed = await ask(bob, method, `${ROOT}/${'z'.repeat(24)}${path}`, body);
      expect([method, path, malformed.json.code]).toEqual([method, path, 'validation_failed']);
    }
    expect((await ask(ann, 'GET', `${ROOT}/${id}/members`)).json.members).toHaveLength(2);
    expect((await ask(bob, 'GET', `${ROOT}?workspaceId=${id}`)).status).toBe(400);
    // In the own workspace, things of another one are not there either (case R04).
    const own = await make(bob);
    expect((await ask(bob, 'DELETE', `${ROOT}/${own}/invites/${invite.id}`)).status).toBe(404);
    expect((await ask(bob, 'PATCH', `${ROOT}/${own}/members/${mate.userId}`, { role: 'manager' })).status).toBe(404);
    expect((await ask(bob, 'DELETE', `${ROOT}/${own}/members/${mate.userId}`)).status).toBe(404);
  });

  it('the path decides which workspace is meant, whatever the header says (case R03)', async () => {
    const [ann, bob] = await Promise.all([newPerson(api), newPerson(api)]);
    const id = await make(ann);
    const headers = { ...bob.headers, 'x-workspace-id': bob.workspaceId };
    expect((await send(api.port, { path: `${ROOT}/${id}`, headers })).status).toBe(404);
  });

  it('an analyst reads and leaves, and does nothing else (case R05)', async () => {
    const ann = await newPerson(api);
    const id = await make(ann);
    const bob = await join(ann, id, 'analyst');
    expect((await ask(bob, 'GET', `${ROOT}/${id}/members`)).json.members).toMatchObject(
      expect.arrayContaining([{ userId: bob.userId, email: bob.email, role: 'analyst', since: expect.any(String) }]),
    );
    for (const [method, path, body] of [
      ['PATCH', '', { name: 'x' }],
      ['DELETE', ''],
      ['POST', '/invites', { email: 'x@example.com', role: 'analyst' }],
      ['PATCH', `/members/${bob.userId}`, { role: 'manager' }],
      ['DELETE', `/members/${ann.userId}`],
      ['GET', '/export'],
    ] as const)
      expect((await ask(bob, method, `${ROOT}/${id}${path}`, body)).json).toMatchObject({
        status: 403,
        code: 'forbidden_role',
      });
    expect((await ask(bob, 'DELETE', `${ROOT}/${id}/members/me`)).status).toBe(204);
    expect((await ask(bob, 'GET', `${ROOT}/${id}`)).status).toBe(404);
  });

  it('take the keys of a member with him, and not back when he comes back', async () => {
    const ann = await newPerson(api);
    const id = await make(ann);
    const bob = await join(ann, id, 'manager');
    const headers = { ...bob.headers, 'x-workspace-id': id, 'content-type': 'application/json' };
    const body = JSON.stringify({ name: 'K', role: 'service', scopes: ['account:read'] });
    const made = await send(api.port, { method: 'POST', path: '/api/v1/api-keys', headers, body });
    const [key] = /fm_live_[A-Za-z0-9_-]{43}/.exec(made.body) ?? [];
    const withKey = () => send(api.port, { path: '/api/v1/auth/me', headers: { authorization: `Bearer ${key}` } });
    expect((await ask(ann, 'DELETE', `${ROOT}/${id}/members/${bob.userId}`)).status).toBe(204);
    expect((await withKey()).status).toBe(401);
    await join(ann, id, 'manager', bob);
    expect(await get(ApiKeyRepository).countLive({ workspaceId: id }, new Date(), 10)).toBe(0);
  });

  it('nobody gives a role that he does not have (case R06)', async () => {
    const ann = await newPerson(api);
    const id = await make(ann);
    const bob = await join(ann, id);
    const forbidden = { status: 403, code: 'forbidden_role' };
    expect((await ask(ann, 'PATCH', `${ROOT}/${id}/members/${bob.userId}`, { role: 'admin' })).json).toMatchObject(
      forbidden,
    );
    expect(
      (await ask(ann, 'POST', `${ROOT}/${id}/invites`, { email: 'x@example.com', role: 'admin' })).json,
    ).toMatchObject(forbidden);
    expect((await ask(ann, 'PATCH', `${ROOT}/${id}/members/${bob.userId}`, { role: 'service' })).status).toBe(400);
    expect((await ask(ann, 'PATCH', `${ROOT}/${id}/members/${bob.userId}`, { role: 'manager' })).json.role).toBe(
      'manager',
    );
  });

  it('never lose their last manager, also when two go at once', async () => {
    const ann = await newPerson(api);
    const id = await make(ann);
    const bob = await join(ann, id, 'analyst');
    const last = { status: 409, code: 'last_manager' };
    expect((await ask(ann, 'DELETE', `${ROOT}/${id}/members/me`)).json).toMatchObject(last);
    expect((await ask(ann, 'DELETE', `${ROOT}/${id}/members/${ann.userId}`)).json).toMatchObject(last);
    expect((await ask(ann, 'PATCH', `${ROOT}/${id}/members/${ann.userId}`, { role: 'analyst' })).json).toMatchObject(
      last,
    );
    expect((await ask(ann, 'DELETE', '/api/v1/auth/me')).json).toMatchObject(last);
    await ask(ann, 'PATCH', `${ROOT}/${id}/members/${bob.userId}`, { role: 'manager' });
    await Promise.all([ask(ann, 'DELETE', `${ROOT}/${id}/members/me`), ask(bob, 'DELETE', `${ROOT}/${id}/members/me`)]);
    expect(await get(MembershipRepository).hasManager({ workspaceId: id })).toBe(true);
    // A manager whose account is disabled looks after nothing.
    const cid = await newPerson(api);
    const other = await make(cid);
    const dan = await join(cid, other, 'manager');
    await get(UserRepository).setDisabled(dan.userId, new Date());
    expect((await ask(cid, 'DELETE', `${ROOT}/${other}/members/me`)).json).toMatchObject(last);
  });

  describe('an invite', () => {
    it('is for one address and one use, and is worth nothing to anybody else', async () => {
      const [ann, bob, eve] = await Promise.all([newPerson(api), newPerson(api), newPerson(api)]);
      const id = await make(ann);
      await ask(ann, 'POST', `${ROOT}/${id}/invites`, { email: bob.email.toUpperCase(), role: 'analyst' });
      const token = await tokenTo(bob.email);
      const accept = (who: Person, given = token) => ask(who, 'POST', '/api/v1/invites/accept', { token: given });
      expect((await accept(eve)).json).toMatchObject({ status: 404, code: 'resource_not_found' });
      expect((await accept(bob, 'x'.repeat(43))).json).toMatchObject({ status: 404, code: 'resource_not_found' });
      expect((await accept(bob, 'short')).status).toBe(400);
      const answers = await Promise.all(Array.from({ length: 8 }, () => accept(bob)));
      expect(answers.every(({ status }) => status === 200 || status === 404)).toBe(true);
      expect(answers.find(({ status }) => status === 200)?.json).toMatchObject({ id, role: 'analyst' });
      expect((await accept(bob)).status).toBe(404);
      const headers = { ...ann.headers, 'x-workspace-id': id };
      const trail = await send(api.port, { path: '/api/v1/audit?action=member.joined', headers });
      expect(JSON.parse(trail.body).entries).toHaveLength(1);
      expect((await ask(bob, 'GET', `${ROOT}/${id}`)).status).toBe(200);
    });

    it('opens no workspace that has 500 members', async () => {
      const [ann, bob] = await Promise.all([newPerson(api), newPerson(api)]);
      const workspaceId = await make(ann);
      await ask(ann, 'POST', `${ROOT}/${workspaceId}/invites`, { email: bob.email, role: 'analyst' });
      const fill = Array.from(
        { length: 499 },
        () => ({ userId: newId(), role: 'analyst', since: new Date() }) as const,
      );
      for (const member of fill) await get(MembershipRepository).add({ workspaceId }, member);
      const token = await tokenTo(bob.email);
      const answer = await ask(bob, 'POST', '/api/v1/invites/accept', { token });
      expect(answer.json).toMatchObject({ status: 403, code: 'quota_exceeded' });
      expect(await get(MembershipRepository).find({ workspaceId }, bob.userId)).toBeNull();
    });

    it('is not stored, not listed and not logged in clear', async () => {
      const ann = await newPerson(api);
      const id = await make(ann);
      await ask(ann, 'POST', `${ROOT}/${id}/invites`, { email: 'secret@example.com', role: 'analyst' });
      const token = await tokenTo('secret@example.com');
      const list = await ask(ann, 'GET', `${ROOT}/${id}/invites`);
      expect(list.json.invites).toMatchObject([
        { email: 'secret@example.com', role: 'analyst', invitedBy: ann.userId },
      ]);
      expect(list.body + api.raw()).not.toContain(token);
      expect(Object.keys(list.json.invites[0]).sort()).toEqual([
        'createdAt',
        'email',
        'expiresAt',
        'id',
        'invitedBy',
        'role',
      ]);
    });

    it('dies when it is revoked, when a newer one is made, and when its member is removed', async () => {
      const [ann, bob] = await Promise.all([newPerson(api), newPerson(api)]);
      const id = await make(ann);
      const invite = () => ask(ann, 'POST', `${ROOT}/${id}/invites`, { email: bob.email, role: 'analyst' });
      const accept = (token: string) => ask(bob, 'POST', '/api/v1/invites/accept', { token });
      const first = (await invite()).json;
      const old = await tokenTo(bob.email);
      expect((await ask(ann, 'DELETE', `${ROOT}/${id}/invites/${first.id}`)).status).toBe(204);
      expect((await ask(ann, 'DELETE', `${ROOT}/${id}/invites/${first.id}`)).status).toBe(404);
      expect((await accept(old)).status).toBe(404);
      await invite();
      const older = await tokenTo(bob.email);
      await invite();
      const newer = await tokenTo(bob.email);
      expect((await accept(older)).status).toBe(404);
      expect((await accept(newer)).status).toBe(200);
      expect((await invite()).json).toMatchObject({ status: 409, code: 'already_member' });
      expect((await ask(ann, 'DELETE', `${ROOT}/${id}/members/${bob.userId}`)).status).toBe(204);
      expect((await accept(newer)).status).toBe(404);
    });

    it('that was cut off while it was used opens nothing after its member was removed', async () => {
      const [ann, bob] = await Promise.all([newPerson(api), newPerson(api)]);
      const workspaceId = await make(ann);
      await ask(ann, 'POST', `${ROOT}/${workspaceId}/invites`, { email: bob.email, role: 'analyst' });
      const token = await tokenTo(bob.email);
      // What a process leaves that is killed between the membership and the end of the invite.
      await get(MembershipRepository).add({ workspaceId }, { userId: bob.userId, role: 'analyst', since: new Date() });
      expect((await ask(ann, 'DELETE', `${ROOT}/${workspaceId}/members/${bob.userId}`)).status).toBe(204);
      expect((await ask(bob, 'POST', '/api/v1/invites/accept', { token })).status).toBe(404);
    });

    it('dies with the rights of who sent it: whoever is thrown out has left no door open', async () => {
      const ann = await newPerson(api);
      const id = await make(ann);
      const [eve, mallory] = [await join(ann, id, 'manager'), await join(ann, id, 'manager')];
      const [second, third] = await Promise.all([newPerson(api), newPerson(api)]);
      const invite = (by: Person, { email }: Person) =>
        ask(by, 'POST', `${ROOT}/${id}/invites`, { email, role: 'manager' });
      await invite(eve, second);
      await invite(mallory, third);
      const tokens = [await tokenTo(second.email), await tokenTo(third.email)];
      await ask(ann, 'DELETE', `${ROOT}/${id}/members/${eve.userId}`);
      await ask(ann, 'PATCH', `${ROOT}/${id}/members/${mallory.userId}`, { role: 'analyst' });
      expect((await ask(second, 'POST', '/api/v1/invites/accept', { token: tokens[0] })).status).toBe(404);
      expect((await ask(third, 'POST', '/api/v1/invites/accept', { token: tokens[1] })).status).toBe(404);
    });

    it('is mailed five times in an hour to one address, and others may still invite it', async () => {
      const [ann, bob] = await Promise.all([newPerson(api), newPerson(api)]);
      const [id, other] = [await make(ann), await make(bob)];
      const email = 'often@example.com';
      const invite = (who: Person, workspace: string) =>
        ask(who, 'POST', `${ROOT}/${workspace}/invites`, { email, role: 'analyst' });
      for (let index = 0; index < 5; index += 1) expect((await invite(ann, id)).status).toBe(201);
      const refused = await invite(ann, id);
      expect(refused.json).toMatchObject({ status: 429, code: 'rate_limited' });
      expect(Number(refused.headers['retry-after'])).toBeGreaterThan(3_000);
      expect((await invite(bob, other)).status).toBe(201);
      const mails = (await get(OutboxRepository).latest(200)).filter(({ to }) => to === email);
      expect(mails).toHaveLength(6);
    });

    it('is one of at most 50', async () => {
      const ann = await newPerson(api);
      const id = await make(ann);
      const invites = Array.from({ length: 53 }, (_, index) =>
        ask(ann, 'POST', `${ROOT}/${id}/invites`, { email: `p${index}@example.com`, role: 'analyst' }),
      );
      const answers = await Promise.all(invites);
      expect(answers.filter(({ status }) => status === 201).length).toBeLessThanOrEqual(50);
      expect((await ask(ann, 'GET', `${ROOT}/${id}/invites`)).json.invites.length).toBeLessThanOrEqual(50);
      const refused = answers.filter(({ status }) => status !== 201);
      expect(refused.every(({ json }) => json.code === 'quota_exceeded')).toBe(true);
    });

    it.each([['a@b'], ['a@x.io\r\nBcc: e@y.io'], [{ $gt: '' }], [['a@x.io', 'b@x.io']]])(
      'is not sent to %j',
      async (email) => {
        const ann = await newPerson(api);
        const id = await make(ann);
        expect((await ask(ann, 'POST', `${ROOT}/${id}/invites`, { email, role: 'analyst' })).status).toBe(400);
      },
    );

    it('lets somebody sign up where nobody else may, as long as it is open', async () => {
      const closed = await startApiUnderTest({
        modules: [],
        variables: { SIGNUP: 'invite', MONGODB_DATABASE: api.name },
      });
      const ann = await newPerson(api);
      const id = await make(ann);
      const email = `${newId()}@example.com`;
      const enter = () => newPerson(closed, { email });
      await expect(enter()).rejects.toMatchObject({ code: 'signup_closed' });
      const invite = (await ask(ann, 'POST', `${ROOT}/${id}/invites`, { email, role: 'analyst' })).json;
      await ask(ann, 'DELETE', `${ROOT}/${id}/invites/${invite.id}`);
      await expect(enter()).rejects.toMatchObject({ code: 'signup_closed' });
      await ask(ann, 'POST', `${ROOT}/${id}/invites`, { email, role: 'analyst' });
      const bob = await enter();
      expect((await ask(bob, 'POST', '/api/v1/invites/accept', { token: await tokenTo(email) })).json).toMatchObject({
        id,
      });
      await closed.close();
    });

    it('is opened by a page of ours that joins nothing by being read', async () => {
      const page = await send(api.port, { path: '/invite' });
      expect(page.headers['content-security-policy']).toMatch(
        /^default-src 'none'; style-src 'self'; script-src 'self'/,
      );
      expect(page.body).not.toMatch(/<script(?! src="\/invite\/page.js" defer>)|<style|style=|\son\w+=/);
      const script = await send(api.port, { path: '/invite/page.js' });
      expect(script.headers['content-type']).toBe('text/javascript; charset=utf-8');
      expect(script.body).not.toMatch(/innerHTML|insertAdjacent|document\.write|eval/);
    });

    it('ends with its workspace', async () => {
      const [ann, bob] = await Promise.all([newPerson(api), newPerson(api)]);
      const id = await make(ann);
      await ask(ann, 'POST', `${ROOT}/${id}/invites`, { email: bob.email, role: 'analyst' });
      const token = await tokenTo(bob.email);
      await get(WorkspaceRepository).setDeleted(id, new Date());
      expect((await ask(bob, 'POST', '/api/v1/invites/accept', { token })).status).toBe(404);
    });
  });
});
