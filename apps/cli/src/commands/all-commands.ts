import type { Command } from '../command.js';
import { audit } from './audit.command.js';
import { doctor } from './doctor.command.js';
import { keys } from './keys.command.js';
import { lockdown } from './lockdown.command.js';
import { migrate } from './migrate.command.js';
import { sessions } from './sessions.command.js';
import { users } from './users.command.js';

/** In the order in which help lists them. */
export const ALL_COMMANDS: readonly Command[] = [doctor, migrate, users, sessions, keys, lockdown, audit];
