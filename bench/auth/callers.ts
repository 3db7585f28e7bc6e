import { createHash, createHmac } from 'node:crypto';
import { AppEnv, DatabaseEnv, loadEnv } from '@flowmate/config';
import { derivedKey } from '@flowmate/crypto';
import {
  ApiKeyRepository,
  Database,
  MembershipRepository,
  Migrator,
  SessionRepository,
  UserRepository,
  WorkspaceRepository,
} from '@flowmate/database';
import type { AuditTrail, UserPrincipal } from '@flowmate/domain';
import {
  AccountService,
  ApiKeyService,
  Callers,
  RefreshTokens,
  SessionService,
  systemClock as clock,
  type OpenedSession,
} from '@flowmate/identity';
import { createLogger } from '@flowmate/observability';

export interface CallerHeaders {
  readonly tokens: ReadonlyArray<Readonly<Record<string, string>>>;
  readonly keys: ReadonlyArray<Readonly<Record<string, string>>>;
}

const FROM = { address: '127.0.0.1', userAgent: 'bench' };
/** What is measured is asking, not signing in. */
const audit: AuditTrail = { record: () => Promise.resolve() };

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** As the api signs it; it holds through the longest bench. */
function accessToken({ userId, sessionId, sessionVersion }: OpenedSession, secret: string): string {
  const kid = createHash('sha256').update(`flowmate kid ${secret}`).digest('base64url').slice(0, 12);
  const iat = Math.floor(Date.now() / 1_000);
  const claims = { sid: sessionId, sv: sessionVersion, iat, exp: iat + 900, aud: 'flowmate-api', iss: 'flowmate' };
  const signed = `${encode({ alg: 'HS256', typ: 'at+jwt', kid })}.${encode({ ...claims, sub: userId })}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}

/** So many people, each signed in and each with a key, in workspaces of the largest tier that is counted. */
export async function makeCallers(
  count: number,
  variables: Readonly<Record<string, string>>,
  jwtSecret: string,
): Promise<CallerHeaders> {
  const env = loadEnv([AppEnv, DatabaseEnv], { variables });
  const logger = createLogger({ level: 'error', format: 'text', service: 'bench', environment: 'test' });
  const app = env.get(AppEnv);
  const database = new Database({ app, settings: env.get(DatabaseEnv), role: 'cli', logger });
  await database.connect();
  await new Migrator(database).up();
  const [users, workspaces] = [new UserRepository(database), new WorkspaceRepository(database)];
  const [sessions, keys] = [new SessionRepository(database), new ApiKeyRepository(database)];
  const accounts = new AccountService({
    users,
    workspaces,
    memberships: new MembershipRepository(database),
    audit,
    policy: { policy: 'open', domains: [], adminEmail: undefined },
    isFirstAdmin: false,
    isInvited: () => Promise.resolve(false),
    isLocked: () => Promise.resolve(false),
    warn: () => Promise.resolve(),
    clock,
  });
  const tokens = new RefreshTokens(derivedKey(jwtSecret, 'a'), derivedKey(jwtSecret, 'b'));
  const signIn = new SessionService({ sessions, users, tokens, audit, warn: () => Promise.resolve(), clock });
  const keyService = new ApiKeyService({ keys, audit, clock });
  const callers = new Callers({ sessions, keys, clock, onError: () => undefined });
  const made = { tokens: [] as Array<Record<string, string>>, keys: [] as Array<Record<string, string>> };
  for (let one = 0; one < count; one += 1) {
    const user = await accounts.enter({ email: `caller-${one}@example.com`, from: FROM, via: 'link' });
    await workspaces.setTier(user.personalWorkspaceId, 'team');
    const session = await signIn.open(user, FROM, 'link');
    const principal = (await callers.ofSession(session)) as UserPrincipal;
    const wanted = { name: 'bench', role: 'service' as const, scopes: ['account:read' as const] };
    const { secret } = await keyService.create(principal, wanted, { actor: { kind: 'system' } });
    made.tokens.push({ authorization: `Bearer ${accessToken(session, jwtSecret)}` });
    made.keys.push({ authorization: `Bearer ${secret}` });
  }
  await database.close();
  return made;
}
