import type { User, UserRepository } from '@flowmate/database';
import { LastAdminError } from '../identity.errors.js';

interface Step {
  readonly change: () => Promise<User | null>;
  readonly undo: () => Promise<unknown>;
}

/**
 * Looks before and after: of two admins who step down at the same moment, each sees afterwards that nobody is left,
 * and goes back.
 */
export async function keepingAnAdmin(users: UserRepository, user: User, { change, undo }: Step): Promise<User> {
  const isAdmin = user.role === 'admin';
  if (isAdmin && !(await users.hasOtherAdmin(user.id))) throw new LastAdminError();
  const changed = (await change()) ?? user;
  if (!isAdmin || (await users.hasOtherAdmin())) return changed;
  await undo();
  throw new LastAdminError();
}
