import { randomUUID } from 'node:crypto';
import { AuditChain, AuditLog } from '@flowmate/audit';
import {
  AgentRepository,
  ALL_COLLECTIONS,
  ApiKeyRepository,
  AuditRepository,
  IdempotencyKeyRepository,
  InviteRepository,
  MembershipRepository,
  MemoryRepository,
  Migrator,
  OutboxRepository,
  PayloadRepository,
  RunStore,
  SessionRepository,
  SignInLinkRepository,
  UserRepository,
  WorkspaceRepository,
  type Database,
  type NewRun,
} from '@flowmate/database';
import { JOURNAL_VERSION, newId, numbered, type AgentDefinition } from '@flowmate/domain';
import { RUN } from '../../../database/src/connection/database.js';
import { TestDatabase } from '../../../database/test/test-database.js';
import { Erasure } from './erasure.js';
import { ERASURE_RULES } from './erasure-rules.js';

const DAY_MS = 86_400_000;
const LONG_AGO = (): Date => new Date(Date.now() - 31 * DAY_MS);

const AGENT: AgentDefinition = {
  name: 'A',
  description: '',
  systemPrompt: '',
  model: { name: null },
  tools: [],
  policies: [],
  limits: { timeoutMs: null, maxSteps: null },
  output: null,
};

/** A run that waits for a worker, started by that person. */
function newRun(
  { workspaceId }: { workspaceId: string },
  agentId: string,
  userId: string,
): Omit<NewRun, 'request' | 'isRung'> {
  const [id, createdAt] = [newId(), Date.now()];
  const data = { reason: 'accepted', position: 0, unsent: [] } as const;
  return {
    origin: {
      id,
      workspaceId,
      kind: 'agent',
      agentId,
      agentVersion: 1,
      trigger: 'api',
      startedBy: { kind: 'user', id: userId, userId },
      externalId: null,
      retryOf: null,
      correlationId: id,
      traceparent: null,
      input: 'x',
      timeoutMs: 30_000,
      rootId: id,
      parentId: null,
      index: null,
      rank: createdAt,
      deadlineAt: null,
      needsVersion: JOURNAL_VERSION,
      createdAt,
    },
    journal: numbered([{ type: 'run.queued', data }], { seq: 0, at: createdAt, epoch: 0, batch: id }),
  };
}

interface Planted {
  readonly userId: string;
  readonly email: string;
  readonly personal: string;
  readonly team: string;
}

describe('erasure', () => {
  const test = new TestDatabase();
  const { database } = test;
  const audit = new AuditLog({ repository: new AuditRepository(database), chain: new AuditChain('s'.repeat(64)) });
  const users = new UserRepository(database);
  const workspaces = new WorkspaceRepository(database);
  const memberships = new MembershipRepository(database);
  const erasure = (on: Database = database): Erasure => new Erasure({ database: on, audit, clock: () => new Date() });

  beforeAll(async () => {
    await database.connect();
    await new Migrator(database).up();
  });
  afterAll(() => test.dispose());

  /** A person with something in every collection that knows people, deleted at that moment. */
  const plant = async (deletedAt: Date | undefined): Promise<Planted> => {
    const [userId, personal, team] = [newId(), newId(), newId()];
    const email = `${randomUUID()}@example.com`;
    const at = new Date();
    const later = new Date(Date.now() + DAY_MS);
    const identities = [{ issuer: 'https://id.example', subject: userId }];
    const user = {
      id: userId,
      email,
      role: 'manager',
      personalWorkspaceId: personal,
      createdAt: at,
      identities,
    } as const;
    await users.create({ ...user, sessionVersion: 1, ...(deletedAt && { deletedAt }) });
    for (const [id, kind] of [
      [personal, 'personal'],
      [team, 'team'],
    ] as const) {
      const workspace = { id, kind, name: 'W', tier: 'free', createdBy: userId, createdAt: at } as const;
      await workspaces.ensure({ ...workspace, ...(deletedAt && { deletedAt }) });
      await memberships.add({ workspaceId: id }, { userId, role: 'manager', since: at });
      const key = {
        id: newId(),
        name: 'K',
        role: 'service',
        scopes: [],
        ownerId: userId,
        hint: 'abcd',
        createdAt: at,
      } as const;
      await new ApiKeyRepository(database).create({ workspaceId: id }, key, randomUUID());
      const invite = {
        id: newId(),
        email: `x${email}`,
        role: 'analyst',
        invitedBy: userId,
        createdAt: at,
        expiresAt: later,
      } as const;
      await new InviteRepository(database).create({ workspaceId: id }, invite, randomUUID());
      const agent = { id: newId(), definition: AGENT, createdBy: userId, at, limit: null };
      await new AgentRepository(database).create({ workspaceId: id }, agent);
      const save = { definition: AGENT, by: userId, at };
      await new AgentRepository(database).save({ workspaceId: id }, { id: agent.id, version: 1 }, save);
      await new IdempotencyKeyRepository(database).begin({ workspaceId: id }, { key: randomUUID(), body: 'b' }, at);
      const run = newRun({ workspaceId: id }, agent.id, userId);
      await new RunStore(database).insert({ ...run, request: null, isRung: true });
      await new PayloadRepository(database).put({ workspaceId: id }, run.origin.id, 'long');
      const memory = { agentId: newId(), name: 'note', text: 't', runId: newId(), at };
      await new MemoryRepository(database).set({ workspaceId: id }, memory);
    }
    // Who stays when the team goes.
    await memberships.add({ workspaceId: team }, { userId: newId(), role: 'analyst', since: at });
    const elsewhere = {
      id: newId(),
      email,
      role: 'analyst',
      invitedBy: newId(),
      createdAt: at,
      expiresAt: later,
    } as const;
    await new InviteRepository(database).create({ workspaceId: newId() }, elsewhere, randomUUID());
    await new SessionRepository(database).create({
      id: newId(),
      userId,
      sessionVersion: 1,
      refreshHash: randomUUID(),
      createdAt: at,
      expiresAt: later,
      lastUsedAt: at,
      device: 'd',
      address: '203.0.113.9',
    });
    await new OutboxRepository(database).insert({ id: newId(), kind: 'invite', to: email, sealed: 's' });
    await new SignInLinkRepository(database).replace(
      {
        id: randomUUID(),
        version: 1,
        email,
        tokenHash: randomUUID(),
        codeHash: 'c',
        bindingHash: null,
        requestIdHash: null,
        issuedAt: at,
        expiresAt: later,
        usedAt: null,
        tries: 0,
        mails: [],
        removeAt: later,
      },
      0,
    );
    await audit.record({ trail: team, action: 'member.joined', actor: { kind: 'user', id: userId }, outcome: 'done' });
    return { userId, email, personal, team };
  };

  /** In which collections a text stands. */
  const holdersOf = async (text: string): Promise<string[]> => {
    const db = await test.db();
    const all = await Promise.all(
      ALL_COLLECTIONS.map(
        async ({ name }) => [name, JSON.stringify(await db.collection(name).find().toArray())] as const,
      ),
    );
    return all.filter(([, documents]) => documents.includes(text)).map(([name]) => name);
  };
  const expectNoTrace = async ({ userId, email, personal, team }: Planted): Promise<void> => {
    expect(await holdersOf(email)).toEqual([]);
    expect(await holdersOf(userId)).toEqual(['audit']);
    for (const id of [personal, team])
      expect((await holdersOf(id)).filter((name) => !name.startsWith('audit'))).toEqual([]);
  };

  it('has decided about every collection there is', () => {
    expect(Object.keys(ERASURE_RULES).sort()).toEqual(ALL_COLLECTIONS.map(({ name }) => name).sort());
  });

  it('plants something in every collection that a person or a workspace is removed from', async () => {
    const { userId, email, personal } = await plant(undefined);
    const found = new Set([...(await holdersOf(userId)), ...(await holdersOf(email)), ...(await holdersOf(personal))]);
    const removed = Object.entries(ERASURE_RULES).filter(
      ([, { withPerson, withWorkspace }]) => withPerson || withWorkspace,
    );
    expect(removed.map(([name]) => name).filter((name) => !found.has(name))).toEqual([]);
  });

  it('removes every trace of who has been gone for thirty days, and nothing of anybody else', async () => {
    const [gone, recent, here] = [await plant(LONG_AGO()), await plant(new Date()), await plant(undefined)];
    const before = await Promise.all([recent, here].map(({ userId }) => holdersOf(userId)));
    expect((await erasure().run()).users).toBe(1);
    await expectNoTrace(gone);
    expect(await Promise.all([recent, here].map(({ userId }) => holdersOf(userId)))).toEqual(before);
    expect(await erasure().run()).toEqual({ users: 0, workspaces: 0 });
  });

  it('may be killed after any of its operations, and the next run ends it', async () => {
    let kills = 0;
    for (let allowed = 0; ; allowed += 1) {
      const person = await plant(LONG_AGO());
      let left = allowed;
      const dying = new Proxy(database, {
        get: (target, name) =>
          name === RUN
            ? (...args: Parameters<Database[typeof RUN]>) => {
                left -= 1;
                return left < 0 ? Promise.reject(new Error('killed')) : target[RUN](...args);
              }
            : Reflect.get(target, name),
      });
      const isWhole = await erasure(dying)
        .run()
        .then(
          () => true,
          () => false,
        );
      if (!isWhole) {
        kills += 1;
        await erasure().run();
      }
      await expectNoTrace(person);
      if (isWhole) break;
    }
    expect(kills).toBeGreaterThan(15);
  }, 60_000);

  it('takes along what a deletion that was cut off has left, where nobody else belongs', async () => {
    const person = await plant(LONG_AGO());
    const team = { workspaceId: person.team };
    await workspaces.setDeleted(person.team, undefined);
    for (const { userId } of await memberships.list(team, 10))
      if (userId !== person.userId) await memberships.remove(team, userId);
    expect(await erasure().run()).toEqual({ users: 1, workspaces: 1 });
    await expectNoTrace(person);
  });

  it('leaves a workspace to those who still belong to it', async () => {
    const person = await plant(LONG_AGO());
    await workspaces.setDeleted(person.team, undefined);
    await erasure().run();
    expect(await workspaces.find(person.team)).not.toHaveProperty('deletedAt');
    expect(await memberships.list({ workspaceId: person.team }, 10)).toHaveLength(1);
  });

  it('by two workers at once removes everything once', async () => {
    const people = await Promise.all([plant(LONG_AGO()), plant(LONG_AGO()), plant(LONG_AGO())]);
    await Promise.all([erasure().run(), erasure().run()]);
    const traces = await Promise.all(people.flatMap(({ userId, email }) => [holdersOf(userId), holdersOf(email)]));
    expect(new Set(traces.flat())).toEqual(new Set(['audit']));
  });

  it('does not take who came back, and lets who comes afterwards begin anew', async () => {
    const back = await plant(LONG_AGO());
    await users.setDeleted(back.userId, undefined);
    const before = new Date();
    expect(await users.forget(back.userId, before, 'x')).toBe(false);
    await workspaces.setDeleted(back.personal, undefined);
    await erasure().run();
    expect(await users.findByEmail(back.email)).toMatchObject({ id: back.userId });
    const half = await plant(LONG_AGO());
    await users.forget(half.userId, before, `erased-${half.userId}`);
    expect(await users.findByEmail(half.email)).toBeNull();
    expect(await users.findByIdentity({ issuer: 'https://id.example', subject: half.userId })).toBeNull();
  });

  it('leaves who comes back meanwhile whole, at whatever moment that is', async () => {
    let [stayed, went] = [0, 0];
    for (let moment = 0; moment < 20; moment += 1) {
      const person = await plant(LONG_AGO());
      let left = moment;
      let isBack = false;
      const comingBack = new Proxy(database, {
        get: (target, name) =>
          name === RUN
            ? async (...args: Parameters<Database[typeof RUN]>) => {
                left -= 1;
                const isStill = left === -1 ? await users.findByEmail(person.email) : null;
                // As a sign-in does it.
                if (isStill) isBack = (await users.setDeleted(person.userId, undefined)) !== null;
                return target[RUN](...args);
              }
            : Reflect.get(target, name),
      });
      await erasure(comingBack).run();
      await erasure().run();
      const isHere = (await users.findByEmail(person.email)) !== null;
      const found = await holdersOf(person.userId);
      expect([moment, isHere]).toEqual([moment, isBack]);
      if (isHere) stayed += 1;
      else went += 1;
      const whole = [
        'agent_versions',
        'agents',
        'audit',
        'api_keys',
        'invites',
        'memberships',
        'runs',
        'sessions',
        'users',
        'workspaces',
      ].sort();
      expect([moment, found]).toEqual([moment, isHere ? whole : ['audit']]);
      expect((await workspaces.find(person.personal)) !== null).toBe(isHere);
      await users.erase(person.userId);
    }
    expect(Math.min(stayed, went)).toBeGreaterThan(1);
  }, 60_000);

  it('stops when it is told to', async () => {
    await plant(LONG_AGO());
    await expect(erasure().run(AbortSignal.abort())).rejects.toThrow(/abort/);
  });
});
