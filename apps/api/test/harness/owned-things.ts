import { randomToken } from '@flowmate/crypto';
import { InviteRepository } from '@flowmate/database';
import { newId } from '@flowmate/domain';
import type { World } from '../../../../test/abuse/identity-case.js';
import type { ApiUnderTest } from './api-under-test.js';

/** By the path of the operations that name it: whose ids stand there, and a body that would do something. */
export type Things = Readonly<
  Record<
    string,
    {
      readonly ids: Readonly<Record<string, string>>;
      readonly body?: unknown;
      readonly headers?: Readonly<Record<string, string>>;
    }
  >
>;

/** They name people of the instance, whom administrators see and nobody owns. */
export const WITHOUT_OWNER: readonly string[] = ['/api/v1/admin/users/{id}', '/api/v1/admin/users/{id}/sessions'];

/** One real thing of the owner for every path that names one. */
export async function ownedThings(
  { app }: Pick<ApiUnderTest, 'app'>,
  { owner, keys, agentId, runId }: World,
): Promise<Things> {
  const inviteId = newId();
  const invite = { id: inviteId, email: 'invited@example.com', role: 'analyst' as const };
  await app
    .get(InviteRepository, { strict: false })
    .create(
      owner,
      { ...invite, invitedBy: owner.userId, createdAt: new Date(), expiresAt: new Date(Date.now() + 60_000) },
      randomToken(),
    );
  const id = owner.workspaceId;
  const workspace = '/api/v1/workspaces/{id}';
  const agent = '/api/v1/agents/{id}';
  const run = '/api/v1/runs/{id}';
  return {
    [`${agent}/run`]: { ids: { id: agentId }, body: { input: 'x' } },
    [run]: { ids: { id: runId } },
    [`${run}/journal`]: { ids: { id: runId } },
    [`${run}/stream`]: { ids: { id: runId } },
    [`${run}/payloads/{ref}`]: { ids: { id: runId, ref: 'a'.repeat(64) } },
    [`${run}/cancel`]: { ids: { id: runId } },
    [`${run}/retry`]: { ids: { id: runId }, body: {} },
    [`${run}/review`]: { ids: { id: runId }, body: { seq: 1, decision: 'done' } },
    [agent]: { ids: { id: agentId }, body: { name: 'taken over' }, headers: { 'if-match': '"1"' } },
    [`${agent}/versions`]: { ids: { id: agentId } },
    [`${agent}/versions/{version}`]: { ids: { id: agentId, version: '1' } },
    '/api/v1/auth/sessions/{id}': { ids: { id: owner.sessionId } },
    '/api/v1/api-keys/{id}': { ids: { id: keys.good.id } },
    '/api/v1/api-keys/{id}/rotate': { ids: { id: keys.good.id } },
    [workspace]: { ids: { id }, body: { name: 'taken over' } },
    [`${workspace}/export`]: { ids: { id } },
    [`${workspace}/restore`]: { ids: { id } },
    [`${workspace}/members`]: { ids: { id } },
    [`${workspace}/members/me`]: { ids: { id } },
    [`${workspace}/members/{userId}`]: { ids: { id, userId: owner.userId }, body: { role: 'analyst' } },
    [`${workspace}/invites`]: { ids: { id }, body: { email: 'evil@example.com', role: 'manager' } },
    [`${workspace}/invites/{inviteId}`]: { ids: { id, inviteId } },
  };
}
