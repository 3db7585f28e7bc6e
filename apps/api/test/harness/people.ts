import { randomUUID } from 'node:crypto';
import type { PersonRole, Tier } from '@flowmate/domain';
import { UserRepository, WorkspaceRepository } from '@flowmate/database';
import { AccountService, SessionService } from '@flowmate/identity';
import { AccessTokens } from '../../src/auth/access-tokens.js';
import type { ApiUnderTest } from './api-under-test.js';

export interface Person {
  readonly email: string;
  readonly userId: string;
  readonly workspaceId: string;
  readonly sessionId: string;
  readonly accessToken: string;
  readonly refreshToken: string;
  /** Of a request of this person. */
  readonly headers: { readonly authorization: string };
}

const FROM = { address: '203.0.113.7', userAgent: 'test' };

/** Somebody who has signed in, as the mail of the sign-in would have done it. */
export async function newPerson(
  { app }: Pick<ApiUnderTest, 'app'>,
  // Tests ask more in a second than people do in a minute.
  {
    email = `${randomUUID()}@example.com`,
    role = 'manager',
    tier = 'unlimited',
  }: { email?: string; role?: PersonRole; tier?: Tier } = {},
): Promise<Person> {
  const get = <T>(type: abstract new (...args: never[]) => T): T => app.get(type, { strict: false });
  const entered = await get(AccountService).enter({ email, from: FROM, via: 'link' });
  const user = (await get(UserRepository).setRole(entered.id, role)) ?? entered;
  await get(WorkspaceRepository).setTier(user.personalWorkspaceId, tier);
  const session = await get(SessionService).open(user, FROM, 'link');
  const accessToken = get(AccessTokens).sign(session);
  return {
    email,
    userId: user.id,
    workspaceId: user.personalWorkspaceId,
    sessionId: session.sessionId,
    accessToken,
    refreshToken: session.refreshToken,
    headers: { authorization: `Bearer ${accessToken}` },
  };
}
