import { createHmac, createHash, randomUUID } from 'node:crypto';
import { AgentRepository, MembershipRepository } from '@flowmate/database';
import { ApiKeyService, Callers } from '@flowmate/identity';
import { newId, type Permission } from '@flowmate/domain';
import { RunIntake } from '../../src/runs/run-intake.js';
import { definitionOf } from '../../src/agents/wanted-agent.js';
import type { Forgery, World } from '../../../../test/abuse/identity-case.js';
import { TEST_SECRETS, type ApiUnderTest } from './api-under-test.js';
import { newPerson, type Person } from './people.js';

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A token of ours for somebody, but for what a row wants to be wrong with it. Written by hand, as an attacker would. */
function forgeFor(person: Person, { header, payload, secret = TEST_SECRETS.JWT_SECRET, algorithm }: Forgery): string {
  const kid = createHash('sha256').update(`flowmate kid ${TEST_SECRETS.JWT_SECRET}`).digest('base64url').slice(0, 12);
  const now = Math.floor(Date.now() / 1_000);
  const claims = { sub: person.userId, sid: person.sessionId, sv: 1, iat: now, exp: now + 900 };
  const named = { iss: 'flowmate', aud: 'flowmate-api' };
  const signed = `${encode({ alg: 'HS256', typ: 'at+jwt', kid, ...header })}.${encode({ ...claims, ...named, ...payload })}`;
  if (algorithm === 'none') return `${signed}.`;
  const hash = algorithm === 'HS512' ? 'sha512' : 'sha256';
  return `${signed}.${createHmac(hash, secret).update(signed).digest('base64url')}`;
}

/** People who know nothing of each other, and keys in every state. */
export async function makeWorld(api: Pick<ApiUnderTest, 'app'>): Promise<World> {
  const [owner, stranger, analyst, admin] = await Promise.all([
    newPerson(api),
    newPerson(api),
    newPerson(api, { role: 'analyst' }),
    newPerson(api, { role: 'admin' }),
  ]);
  const get = <T>(type: abstract new (...args: never[]) => T): T => api.app.get(type, { strict: false });
  // So that the admin is not also the first who came, and the analyst not alone.
  await get(MembershipRepository).add(analyst, { userId: admin.userId, role: 'manager', since: new Date() });
  const keyOf = async (person: Person, expiresInMs?: number) => {
    const sessionVersion = 1;
    const principal = await get(Callers).ofSession({ ...person, sessionVersion });
    if (!principal) throw new Error('nobody');
    const scopes: Permission[] = ['account:read', 'members:read'];
    const end = expiresInMs === undefined ? {} : { expiresAt: new Date(Date.now() + expiresInMs) };
    const made = await get(ApiKeyService).create(
      principal,
      { name: randomUUID(), role: 'service', scopes, ...end },
      { actor: { kind: 'system' } },
    );
    return { id: made.key.id, secret: made.secret };
  };
  const [good, revoked, expired, strangers] = await Promise.all([
    keyOf(owner),
    keyOf(owner),
    keyOf(owner, 50),
    keyOf(stranger),
  ]);
  await get(ApiKeyService).revoke(owner, revoked.id, { actor: { kind: 'system' } });
  const agentId = newId();
  const definition = definitionOf({ name: 'Reporter', systemPrompt: 'You report.', tools: ['time.now'] });
  const agent = { id: agentId, definition, createdBy: owner.userId, at: new Date(), limit: null };
  await get(AgentRepository).create(owner, agent);
  const asOwner = await get(Callers).ofSession({ ...owner, sessionVersion: 1 });
  const wanted = { agentId, agentVersion: 1, input: 'Report.', timeoutMs: 30_000, trigger: 'api' as const };
  const { id: runId } = await get(RunIntake).begin(asOwner!, wanted, undefined);
  return {
    owner,
    stranger,
    analyst,
    admin,
    agentId,
    runId,
    keys: { good, revoked, expired, strangers },
    forge: (change) => forgeFor(owner, change),
  };
}
