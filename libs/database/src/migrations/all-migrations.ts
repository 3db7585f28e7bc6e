import { canaries } from './0001-canaries.js';
import { identity } from './0002-identity.js';
import { mail } from './0003-mail.js';
import { audit } from './0004-audit.js';
import { invites } from './0005-invites.js';
import { oidc } from './0006-oidc.js';
import { memories } from './0007-memories.js';
import { agents } from './0008-agents.js';
import { runs } from './0009-runs.js';
import { runLists } from './0010-run-lists.js';
import type { Migration } from './migration.js';

/** In the order in which they run. What stands here stays as it is. */
export const ALL_MIGRATIONS: readonly Migration[] = [
  canaries,
  identity,
  mail,
  audit,
  invites,
  oidc,
  memories,
  agents,
  runs,
  runLists,
];
