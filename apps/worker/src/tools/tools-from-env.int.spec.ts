import { randomBytes } from 'node:crypto';
import { AppEnv, EgressEnv, EncryptionEnv, loadEnv, ToolsEnv } from '@flowmate/config';
import { MembershipRepository, Migrator, OutboxRepository, UserRepository, type OutboxMail } from '@flowmate/database';
import { newId } from '@flowmate/domain';
import { SealedData } from '@flowmate/mail';
import { parseArgs, runTool, toolKey, type Tool, type ToolOutput } from '@flowmate/tools';
import { TestDatabase } from '../../../../libs/database/test/test-database.js';
import { toolsFromEnv } from './tools-from-env.js';

describe('the tools of a worker', () => {
  const test = new TestDatabase();
  const { database } = test;
  const variables = {
    INTEGRATION_ENC_KEY: randomBytes(32).toString('hex'),
    TOOL_KEYED_ORIGINS: 'https://kept.example',
  };
  const env = loadEnv([AppEnv, EgressEnv, EncryptionEnv, ToolsEnv], { variables });
  const rung: string[] = [];
  const { registry, close } = toolsFromEnv({ env, database, ring: (id) => void rung.push(id) });
  const workspaceId = newId();
  const agentId = newId();

  beforeAll(async () => {
    await database.connect();
    await new Migrator(database).up();
  });
  afterAll(async () => {
    await close();
    await test.dispose();
  });

  const toolOf = async (id: string): Promise<Tool> => (await registry.find(workspaceId, id))!;
  const run = async (id: string, args: unknown, call: { runId?: string; step?: number } = {}): Promise<ToolOutput> => {
    const tool = await toolOf(id);
    const { runId = 'run', step = 1 } = call;
    const parsed = parseArgs(tool, JSON.stringify(args));
    const key = toolKey({ runId, step, call: 0, tool: id, args: parsed });
    const signal = new AbortController().signal;
    return runTool(tool, parsed, { workspaceId, agentId, runId, key, signal, correlationId: 'c' });
  };
  const person = async (workspace: string, more: { disabledAt?: Date } = {}): Promise<string> => {
    const [id, email] = [newId(), `${newId()}@example.com`];
    const at = new Date();
    const user = { id, email, role: 'manager', personalWorkspaceId: newId(), createdAt: at, identities: [] } as const;
    await new UserRepository(database).create({ ...user, sessionVersion: 1, ...more });
    await new MembershipRepository(database).add(
      { workspaceId: workspace },
      { userId: id, role: 'manager', since: at },
    );
    return email;
  };
  const mailsTo = async (address: string): Promise<OutboxMail[]> =>
    (await new OutboxRepository(database).latest(200)).filter(({ to }) => to === address);

  it('are all there', async () => {
    const ids = (await registry.list(workspaceId)).map(({ manifest }) => manifest.id);
    const expected = ['http.get', 'http.request', 'time.now', 'memory.get', 'memory.set', 'notify.email'];
    expect(ids).toEqual(expected);
  });

  it('remember for their own agent, from run to run', async () => {
    await run('memory.set', { name: 'colour', text: 'blue' }, { runId: 'first' });
    expect(await run('memory.get', { name: 'colour' }, { runId: 'second' })).toEqual({
      text: 'blue',
      label: 'untrusted',
    });
    expect(await run('memory.get', { name: 'shape' })).toMatchObject({ text: 'Nothing is stored under shape.' });
  });

  it('mail members, once for a call however often it is made', async () => {
    const [ann, bob] = [await person(workspaceId), await person(workspaceId)];
    const mail = { to: [ann, bob, ann.toUpperCase()], subject: 'Done', text: 'All is well.' };
    rung.length = 0;
    await Promise.all([run('notify.email', mail), run('notify.email', mail)]);
    await run('notify.email', mail);
    const [toAnn, toBob] = [await mailsTo(ann), await mailsTo(bob)];
    expect([toAnn.length, toBob.length]).toEqual([1, 1]);
    expect(toAnn).toMatchObject([{ kind: 'notice', status: 'due' }]);
    expect([...new Set(rung)].sort()).toEqual([toAnn[0]!.id, toBob[0]!.id].sort());
    const sealed = new SealedData(env.get(EncryptionEnv));
    const { id, sealed: said } = toAnn[0]!;
    expect(sealed.open(id, 'notice', said!)).toEqual({ subject: 'Done', text: 'All is well.' });
    await run('notify.email', mail, { step: 2 });
    expect(await mailsTo(ann)).toHaveLength(2);
  });

  it('do not wake a mail that has left when its call is made again', async () => {
    const ann = await person(workspaceId);
    const mail = { to: [ann], subject: 'Once', text: 'x' };
    await run('notify.email', mail);
    const outbox = new OutboxRepository(database);
    const [put] = await mailsTo(ann);
    const until = new Date(Date.now() + 60_000);
    await outbox.claim({ id: put!.id, claim: 'sender' }, await outbox.now(), until);
    await run('notify.email', mail);
    expect((await mailsTo(ann))[0]).toMatchObject({ claim: 'sender', dueAt: until });
    await outbox.finish({ id: put!.id, claim: 'sender' }, { status: 'sent', keepsContent: false });
    await run('notify.email', mail);
    expect(await mailsTo(ann)).toMatchObject([{ status: 'sent', sealed: null }]);
  });

  it.each([
    ['a stranger', () => Promise.resolve('stranger@example.com')],
    ['a member of another workspace', () => person(newId())],
    ['a member whose account is disabled', () => person(workspaceId, { disabledAt: new Date() })],
  ])('M05 mail nobody when one of them is %s', async (_who, other) => {
    const ann = await person(workspaceId);
    const mail = { to: [ann, await other()], subject: 'Hello', text: 'x' };
    await expect(run('notify.email', mail)).rejects.toMatchObject({ code: 'tool_scope_denied', effect: 'none' });
    expect(await mailsTo(ann)).toEqual([]);
  });

  it('are not sent again where nobody said that the server honours keys', async () => {
    const request = await toolOf('http.request');
    const classOf = (url: string): string => request.traitsOf!({ method: 'POST', url }).class;
    expect([classOf('https://kept.example/a'), classOf('https://kept.example.evil/a')]).toEqual(['A', 'C']);
  });
});
