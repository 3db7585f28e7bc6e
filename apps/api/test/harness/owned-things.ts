import type { World } from '../../../../test/abuse/identity-case.js';
import type { ApiUnderTest } from './api-under-test.js';

/** By the path of the operations that name it: whose ids stand there, and a body that would do something. */
export type Things = Readonly<
  Record<string, { readonly ids: Readonly<Record<string, string>>; readonly body?: unknown }>
>;

/** They name people of the instance, whom administrators see and nobody owns. */
export const WITHOUT_OWNER: readonly string[] = ['/api/v1/admin/users/{id}', '/api/v1/admin/users/{id}/sessions'];

/** One real thing of the owner for every path that names one. */
export function ownedThings(_api: ApiUnderTest, { owner, keys }: World): Promise<Things> {
  return Promise.resolve({
    '/api/v1/auth/sessions/{id}': { ids: { id: owner.sessionId } },
    '/api/v1/api-keys/{id}': { ids: { id: keys.good.id } },
    '/api/v1/api-keys/{id}/rotate': { ids: { id: keys.good.id } },
  });
}
