import type { SignUpEnv } from '@flowmate/config';
import { admits } from '@flowmate/domain';
import type { MayReceive } from './dispatcher.js';

/**
 * Who may sign in or up. Decided when the mail is sent and not when it is asked for, so that nobody learns from an
 * answer, or from how long it took, who has an account. `knows`: an account, or an invitation.
 */
export function mayReceiveLinks(signUp: SignUpEnv, knows: MayReceive): MayReceive {
  return (address) => (admits(signUp, address) ? Promise.resolve(true) : knows(address));
}
