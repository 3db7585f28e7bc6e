import { MembershipRepository } from '@flowmate/database';
import { ApiKeyService, Callers, scopesOf } from '@flowmate/identity';
import { PERMISSIONS, ROLES, type KeyRole, type Permission, type Role } from '@flowmate/domain';
import { openApiDocument } from '../src/openapi/document.js';
import { PERMISSION_EXTENSION } from '../src/auth/access.decorator.js';
import { bearer, NOBODY, type World } from '../../../test/abuse/identity-case.js';
import { startApiUnderTest, type ApiUnderTest } from './harness/api-under-test.js';
import { newPerson, type Person } from './harness/people.js';
import { send, type Answer } from './harness/send.js';
import { ownedThings, WITHOUT_OWNER, type Things } from './harness/owned-things.js';
import { makeWorld } from './harness/world.js';

interface Operation {
  readonly id: string;
  readonly method: string;
  /** With `{name}` where a parameter stands. */
  readonly path: string;
  readonly permission: Permission | undefined;
  readonly isPublic: boolean;
}

type Somebody = Pick<Person, 'workspaceId' | 'accessToken'>;

const WORKSPACE_PATH = '/api/v1/workspaces/{id}';

type Answers = Readonly<Record<string, { readonly description: string }>>;
type Described = Record<string, Record<string, { operationId?: string } & Record<string, unknown>>>;

function operationsOf({ app }: ApiUnderTest): Operation[] {
  return Object.entries(openApiDocument(app).paths as unknown as Described).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      id: String(operation.operationId),
      method: method.toUpperCase(),
      path,
      permission: operation[PERMISSION_EXTENSION] as Permission | undefined,
      isPublic: Array.isArray(operation['security']) && operation['security'].length === 0,
    })),
  );
}

const filled = (path: string, things: Readonly<Record<string, string>> = {}): string =>
  path.replace(/\{(\w+)\}/g, (_, name: string) => things[name] ?? NOBODY);

/** Case V01: what proxies, frameworks and middleware have disagreed about. */
const SPELLINGS: Readonly<Record<string, (path: string) => string>> = {
  'a slash at the end': (path) => `${path}/`,
  'two slashes': (path) => path.replace('/v1/', '/v1//'),
  'two slashes at the beginning': (path) => `/${path}`,
  'a dot': (path) => path.replace('/v1/', '/v1/./'),
  'an encoded dot': (path) => path.replace('/v1/', '/v1/%2e/'),
  'two dots': (path) => path.replace('/v1/', '/v1/x/../'),
  'an encoded slash': (path) => path.replace('/v1/', '/v1%2f'),
  'a matrix parameter': (path) => `${path};x=1`,
  capitals: (path) => path.toUpperCase(),
  'an encoded letter': (path) => path.replace('/v1/', '/%761/'),
  'an encoded NUL': (path) => `${path}%00`,
};

/** The operations that the matrix is about: all but the public ones and the operators'. */
const isGuarded = ({ path, isPublic }: Operation): boolean =>
  !isPublic && path.startsWith('/api/v1/') && path !== '/api/v1';

describe('roles × operations × ownership', () => {
  let api: ApiUnderTest;
  let world: World;
  let operations: Operation[];
  let things: Things;

  beforeAll(async () => {
    api = await startApiUnderTest({ modules: [] });
    world = await makeWorld(api);
    operations = operationsOf(api).filter(isGuarded);
    things = await ownedThings(api, world);
  });
  afterAll(() => api.close());

  const get = <T>(type: abstract new (...args: never[]) => T): T => api.app.get(type, { strict: false });

  /** Somebody new for each question: some of what is asked ends sessions or accounts. */
  const somebody = (role: Role): Promise<Somebody> => {
    if (role === 'service' || role === 'integration') return keyOf(role);
    if (role !== 'agent') return newPerson(api, { role });
    const { workspaceId } = world.owner;
    return Promise.resolve({ workspaceId, accessToken: world.forge({ payload: { role: 'agent', wid: workspaceId } }) });
  };
  const keyOf = async (role: KeyRole): Promise<Somebody> => {
    const owner = await newPerson(api);
    const principal = await get(Callers).ofSession({ ...owner, sessionVersion: 1 });
    const wanted = { name: role, role, scopes: scopesOf(role) };
    const { secret } = await get(ApiKeyService).create(principal!, wanted, { actor: { kind: 'system' } });
    return { workspaceId: owner.workspaceId, accessToken: secret };
  };
  const ask = ({ method, path }: Operation, caller?: Somebody): Promise<Answer> => {
    // The workspace of the path is the caller's own, so that the role is what decides.
    const ids: Record<string, string> = caller && path.startsWith(WORKSPACE_PATH) ? { id: caller.workspaceId } : {};
    return send(api.port, { method, path: filled(path, ids), headers: caller ? bearer(caller.accessToken) : {} });
  };

  it('covers every operation: each names a permission of the table', () => {
    expect(operations.length).toBeGreaterThan(10);
    const silent = operations.filter(({ permission }) => permission === undefined || !(permission in PERMISSIONS));
    expect(silent).toEqual([]);
    // `listAudit` looks at this one itself, when the trail of the instance is asked for.
    const used = new Set([...operations.map(({ permission }) => permission), 'instance:read']);
    expect(Object.keys(PERMISSIONS).filter((permission) => !used.has(permission as Permission))).toEqual([]);
  });

  it.each(ROLES)(
    'lets the role %s do what the table says, and nothing else',
    async (role) => {
      const wrong: string[] = [];
      for (const operation of operations) {
        const { status, body } = await ask(operation, await somebody(role));
        const mayHe =
          operation.permission !== undefined &&
          // An administrator is also the manager of his own workspace.
          (PERMISSIONS[operation.permission].roles as readonly Role[]).some(
            (one) => one === role || (role === 'admin' && one === 'manager'),
          );
        const code = status >= 400 ? JSON.parse(body).code : '';
        const isRefused = code === 'forbidden_role' || code === 'forbidden_scope';
        if (status === 401 || isRefused === mayHe) wrong.push(`${operation.id}: ${status} ${code}`);
      }
      expect(wrong).toEqual([]);
    },
    60_000,
  );

  it('is described with the answer of a store that is away, wherever somebody has to be known', () => {
    const { paths } = openApiDocument(api.app) as unknown as { paths: Described };
    const silent = operations.filter(({ method, path }) => {
      const away = (paths[path]?.[method.toLowerCase()]?.['responses'] as Answers | undefined)?.['503'];
      return !away?.description.includes('database_unavailable');
    });
    expect(silent).toEqual([]);
  });

  it('lets nobody in who does not say who he is', async () => {
    for (const operation of operations) {
      const { status, body } = await ask(operation);
      expect([operation.id, status, JSON.parse(body).code]).toEqual([operation.id, 401, 'auth_required']);
    }
  });

  it.each(Object.entries(SPELLINGS))('lets nobody in by another spelling of an address: %s', async (_, spell) => {
    const wrong: string[] = [];
    for (const { id, method, path } of operations) {
      const { status } = await send(api.port, { method, path: spell(filled(path)) });
      // A method that the other address does not have may be told.
      if (status !== 401 && status !== 404 && status !== 405) wrong.push(`${id}: ${status}`);
    }
    expect(wrong).toEqual([]);
  });

  it('lets nobody in by another method: HEAD is GET, OPTIONS says nothing, an override is ignored', async () => {
    for (const { id, method, path } of operations) {
      if (method !== 'GET') continue;
      const head = await send(api.port, { method: 'HEAD', path: filled(path) });
      const options = await send(api.port, { method: 'OPTIONS', path: filled(path) });
      const headers = { 'x-http-method-override': 'GET', 'x-method-override': 'GET' };
      const overridden = await send(api.port, { method: 'DELETE', path: filled(path), headers });
      expect([id, head.status, head.body, options.status, options.body]).toEqual([id, 401, '', 204, '']);
      expect([401, 404, 405]).toContain(overridden.status);
    }
  });

  it('knows an owned thing for every operation that names one', () => {
    const named = operations.filter(({ path }) => path.includes('{')).map(({ path }) => path);
    const known = [...Object.keys(things), ...WITHOUT_OWNER];
    expect([...new Set(named)].sort()).toEqual([...new Set(known)].sort());
  });

  it('answers about a thing of somebody else exactly as about one that is not there', async () => {
    const wrong: string[] = [];
    for (const operation of operations.filter(({ path }) => path in things)) {
      const json = { 'content-type': 'application/json' };
      const headers = { ...bearer(world.stranger.accessToken), ...json, ...things[operation.path]?.headers };
      const body =
        operation.method === 'POST' || operation.method === 'PATCH' ? things[operation.path]?.body : undefined;
      const request = { method: operation.method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) };
      const theirs = await send(api.port, { ...request, path: filled(operation.path, things[operation.path]?.ids) });
      const nobodys = await send(api.port, {
        ...request,
        path: filled(operation.path, { version: '1', ref: 'a'.repeat(64) }),
      });
      const [one, other] = [theirs, nobodys].map(({ status, body }) => {
        const { correlationId: _c, instance: _i, ...rest } = JSON.parse(body);
        return JSON.stringify({ status, ...rest });
      });
      if (one !== other || theirs.status !== 404) wrong.push(`${operation.id}: ${one} / ${other}`);
    }
    expect(wrong).toEqual([]);
  }, 60_000);

  it('does not let an admin into the workspaces of others', async () => {
    expect(await get(MembershipRepository).find(world.owner, world.admin.userId)).toBeNull();
    for (const path of ['/api/v1/api-keys', '/api/v1/audit']) {
      const headers = { ...bearer(world.admin.accessToken), 'x-workspace-id': world.owner.workspaceId };
      const { status, body } = await send(api.port, { path, headers });
      expect([path, status, JSON.parse(body).code]).toEqual([path, 404, 'resource_not_found']);
    }
  });
});
