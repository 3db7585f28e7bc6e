import type { Schema } from 'mongoose';
import { AGENT_VERSIONS, AGENTS } from './agents/agent.schema.js';
import { API_KEYS } from './api-keys/api-key.schema.js';
import { AUDIT, AUDIT_HEADS } from './audit/audit.schema.js';
import { CANARIES } from './canaries/canary.schema.js';
import { IDEMPOTENCY_KEYS } from './idempotency/idempotency-key.schema.js';
import { INSTANCE } from './instance/instance.schema.js';
import { INVITES } from './invites/invite.schema.js';
import { MEMBERSHIPS } from './memberships/membership.schema.js';
import { MEMORIES } from './memories/memory.schema.js';
import { OUTBOX } from './outbox/outbox.schema.js';
import { OIDC_FLOWS } from './oidc-flows/oidc-flow.schema.js';
import { PAYLOADS } from './payloads/payload.schema.js';
import { RUNS } from './runs/run.schema.js';
import { SESSIONS } from './sessions/session.schema.js';
import { SIGN_IN_LINKS } from './sign-in-links/sign-in-link.schema.js';
import { STREAM_TICKETS } from './stream-tickets/stream-ticket.schema.js';
import { USERS } from './users/user.schema.js';
import { WORKERS } from './workers/worker.schema.js';
import { WORKSPACES } from './workspaces/workspace.schema.js';

/** Every collection there is. What looks at all of them (metrics, indexes, erasure) looks here. */
export const ALL_COLLECTIONS: ReadonlyArray<{
  readonly name: string;
  readonly schema: Pick<Schema, 'indexes' | 'path'>;
}> = [
  AGENT_VERSIONS,
  AGENTS,
  API_KEYS,
  AUDIT,
  AUDIT_HEADS,
  CANARIES,
  IDEMPOTENCY_KEYS,
  INSTANCE,
  INVITES,
  MEMBERSHIPS,
  MEMORIES,
  OUTBOX,
  OIDC_FLOWS,
  PAYLOADS,
  RUNS,
  SESSIONS,
  SIGN_IN_LINKS,
  STREAM_TICKETS,
  USERS,
  WORKERS,
  WORKSPACES,
];
