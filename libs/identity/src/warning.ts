import type { User } from '@flowmate/database';
import type { Device } from './sessions/device.js';

/** What a person should hear of, because it may be somebody else's doing. */
type Warning = 'refresh_reused' | 'sessions_ended' | 'identity_linked';

/** Tells a person, by some way that a thief does not hold. */
export type WarnPerson = (person: Pick<User, 'email'>, warning: Warning, from?: Device) => Promise<void>;
