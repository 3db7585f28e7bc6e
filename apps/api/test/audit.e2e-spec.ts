import { AuditLog } from '@flowmate/audit';
import { MembershipRepository } from '@flowmate/database';
import { INSTANCE_TRAIL, type AuditEntry } from '@flowmate/domain';
import { eventually, verifies } from '@flowmate/testing';
import { startApiUnderTest, type ApiUnderTest } from './harness/api-under-test.js';
import { expectProblem } from './harness/expect-problem.js';
import { newPerson, type Person } from './harness/people.js';
import { send, type Answer } from './harness/send.js';

const AUDIT = '/api/v1/audit';
const CORRELATION_ID = '0b0f3f0e-4b5c-4c3d-9a53-0d5d7f3a1c11';

interface Page {
  readonly entries: ReadonlyArray<Record<string, unknown> & { seq: number; action: string }>;
  readonly nextCursor: string | null;
}

describe(verifies('U-16', 'the audit trail over HTTP'), () => {
  let api: ApiUnderTest;
  let ada: Person;
  let eve: Person;
  let admin: Person;
  beforeAll(async () => {
    api = await startApiUnderTest({ variables: { AUDIT_LOG: 'on' } });
    [ada, eve, admin] = await Promise.all([newPerson(api), newPerson(api), newPerson(api, { role: 'admin' })]);
    const counted = (count: number): Partial<AuditEntry> => ({ details: { count } });
    for (let count = 1; count <= 5; count += 1) await record(ada, counted(count));
    await record(ada, { action: 'key.revoked', outcome: 'refused', actor: { kind: 'system' } });
  });
  afterAll(() => api.close());

  const record = (of: Person, more: Partial<AuditEntry> = {}): Promise<void> =>
    api.app.get(AuditLog, { strict: false }).record({
      trail: of.workspaceId,
      action: 'key.created',
      actor: { kind: 'user', id: of.userId },
      target: { kind: 'key', id: 'k1' },
      outcome: 'done',
      from: { address: '192.0.2.1', userAgent: 'curl/8.0' },
      ...more,
    });
  const expectRefusal = (answer: Answer, status: number, code: string): void => {
    expectProblem(answer, { id: 'audit', name: code, status, code });
  };
  const ask = (who: Person, query = '', headers: Record<string, string> = {}): Promise<Answer> =>
    send(api.port, { path: `${AUDIT}${query}`, headers: { ...who.headers, ...headers } });
  const pageOf = async (who: Person, query = '', headers: Record<string, string> = {}): Promise<Page> => {
    const { status, body } = await ask(who, query, headers);
    if (status !== 200) throw new Error(body);
    return JSON.parse(body) as Page;
  };

  it('shows what happened in the workspace of the caller, the newest first', async () => {
    const { entries, nextCursor } = await pageOf(ada);
    expect(nextCursor).toBeNull();
    expect(entries.map(({ seq }) => seq)).toEqual(entries.map((_, index) => entries.length - index));
    expect(entries.find(({ action }) => action === 'key.created')).toEqual({
      seq: expect.any(Number),
      at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      action: 'key.created',
      actor: { kind: 'user', id: ada.userId },
      target: { kind: 'key', id: 'k1' },
      outcome: 'done',
      from: { address: '192.0.2.1', userAgent: 'curl/8.0' },
      details: { count: 5 },
      hash: expect.stringMatching(/^[\w-]{43}$/),
    });
  });

  it('R13: shows nobody what happened in the workspace of another', async () => {
    const { entries } = await pageOf(eve);
    expect(JSON.stringify(entries)).not.toContain(ada.workspaceId);
    expect(JSON.stringify(entries)).not.toContain(ada.userId);
    const foreign = await ask(eve, '', { 'x-workspace-id': ada.workspaceId });
    expectRefusal(foreign, 404, 'resource_not_found');
    const asAdmin = await ask(admin, '', { 'x-workspace-id': ada.workspaceId });
    expectRefusal(asAdmin, 404, 'resource_not_found');
    const bob = await newPerson(api);
    const memberships = api.app.get(MembershipRepository, { strict: false });
    await memberships.add(ada, { userId: bob.userId, role: 'analyst', since: new Date() });
    const member = await pageOf(bob, '', { 'x-workspace-id': ada.workspaceId });
    expect(member.entries.length).toBeGreaterThan(5);
  });

  it('shows the instance to administrators alone', async () => {
    const { entries } = await pageOf(admin, '?trail=instance');
    expect(entries.map(({ action }) => action)).toContain('auth.signed_in');
    expectRefusal(await ask(ada, '?trail=instance'), 403, 'forbidden_role');
    const byHeader = await ask(ada, '', { 'x-workspace-id': INSTANCE_TRAIL });
    expect(byHeader.status).toBe(400);
  });

  it('takes filters, all of them together', async () => {
    const counts = async (query: string): Promise<number> => (await pageOf(ada, query)).entries.length;
    expect(await counts('?action=key.revoked')).toBe(1);
    expect(await counts('?outcome=refused&action=key.created')).toBe(0);
    expect(await counts(`?actor=${ada.userId}&action=key.created`)).toBe(5);
    expect(await counts('?target=k1&action=key.created')).toBe(5);
    expect(await counts('?target=nothing')).toBe(0);
    expect(await counts('?from=2000-01-01T00:00:00Z&to=2000-02-01T00:00:00.000%2B01:00')).toBe(0);
    expect(await counts('?from=2000-01-01T00:00:00Z&action=key.created')).toBe(5);
  });

  it('gives page after page, each entry once, also while others are recorded', async () => {
    const seen: number[] = [];
    let cursor: string | null = null;
    do {
      const more: string = cursor === null ? '' : `&cursor=${cursor}`;
      const page = await pageOf(ada, `?limit=2${more}`);
      await record(ada);
      seen.push(...page.entries.map(({ seq }) => seq));
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect(seen).toEqual(seen.map((_, index) => seen[0]! - index));
    expect(seen.at(-1)).toBe(1);
  });

  it.each([
    ['?limit=0', 'validation_failed'],
    ['?limit=101', 'validation_failed'],
    ['?limit=x', 'validation_failed'],
    ['?action=anything', 'validation_failed'],
    ['?outcome=good', 'validation_failed'],
    ['?trail=65f0c0ffee0123456789abcd', 'validation_failed'],
    ['?actor[$ne]=x', 'validation_failed'],
    ['?actor=%7B%22$ne%22:1%7D', 'validation_failed'],
    ['?from=yesterday', 'validation_failed'],
    ['?from=2026-W01-1', 'validation_failed'],
    ['?to=2026-02-30T00:00:00Z', 'validation_failed'],
    ['?workspaceId=x', 'validation_failed'],
    ['?limit=1&limit=2', 'validation_failed'],
    ['?cursor=x', 'cursor_invalid'],
    ['?cursor=MS4w', 'cursor_invalid'],
    [`?cursor=${Buffer.from('1.-1').toString('base64url')}`, 'cursor_invalid'],
    [`?cursor=${Buffer.from('1.9999999999999').toString('base64url')}`, 'cursor_invalid'],
  ])('refuses %s', async (query, code) => {
    expectRefusal(await ask(ada, query), 400, code);
  });

  it('takes no change, whoever asks', async () => {
    const headers = { ...admin.headers, 'content-type': 'application/json' };
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'])
      expect((await send(api.port, { method, path: AUDIT, headers, body: '{}' })).status).toBe(405);
    expect((await send(api.port, { path: AUDIT })).status).toBe(401);
  });

  it('records who was refused, from where and in which request, there and in the audit stream', async () => {
    const refused = await send(api.port, {
      path: '/api/v1/admin/users',
      headers: { ...ada.headers, 'x-correlation-id': CORRELATION_ID, 'user-agent': 'probe/1.0' },
    });
    expect(refused.status).toBe(403);
    const entry = await eventually(async () => {
      const { entries } = await pageOf(ada, '?action=access.refused');
      if (entries.length === 0) throw new Error('not yet');
      return entries[0]!;
    });
    expect(entry).toMatchObject({
      actor: { kind: 'user', id: ada.userId },
      target: { kind: 'route', id: 'GET /api/v1/admin/users' },
      outcome: 'refused',
      from: { address: '127.0.0.1', userAgent: 'probe/1.0' },
      correlationId: CORRELATION_ID,
    });
    // The stream hears of it when it is stored, so a moment later.
    await eventually(() => {
      const line = api.linesOf(CORRELATION_ID).find(({ stream }) => stream === 'audit');
      const kept = { stored: true, trail: ada.workspaceId, hash: entry['hash'] };
      expect(line).toMatchObject({ service: 'flowmate-api', ...kept });
    });
  });
});
