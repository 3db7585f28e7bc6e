import type { Session, User } from '@flowmate/database';

/** Why a session that nobody has ended is worth nothing, if it is: the same that every request is asked. */
export type SessionState = 'good' | 'outdated' | 'disabled' | 'deleted';

/** `outdated`: it began before all sessions of the person were ended. */
export function sessionState(
  { sessionVersion }: Pick<Session, 'sessionVersion'>,
  user: Pick<User, 'sessionVersion' | 'disabledAt' | 'deletedAt'>,
): SessionState {
  if (user.deletedAt) return 'deleted';
  if (user.disabledAt) return 'disabled';
  return sessionVersion === user.sessionVersion ? 'good' : 'outdated';
}
