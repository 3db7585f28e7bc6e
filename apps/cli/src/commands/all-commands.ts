import type { Command } from '../command.js';
import { migrate } from './migrate.command.js';

/** In the order in which help lists them. */
export const ALL_COMMANDS: readonly Command[] = [migrate];
