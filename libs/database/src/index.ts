export {
  AgentRepository,
  type AgentCreation,
  type AgentFilter,
  type AgentRequest,
  type NewAgent,
} from './agents/agent.repository.js';
export { AuditRepository, auditEntryId, type AuditFilter, type AuditPageOptions } from './audit/audit.repository.js';
export type { AuditEntryDocument, AuditHeadDocument } from './audit/audit.schema.js';
export { ApiKeyRepository, type ApiKey, type KeyIdentity } from './api-keys/api-key.repository.js';
export { CanaryRepository, type Canary } from './canaries/canary.repository.js';
export { ALL_COLLECTIONS } from './collections.js';
export type { DatabaseRole } from './connection/client-options.js';
export { Database, type DatabaseParts, type DatabaseState } from './connection/database.js';
export { databaseHealth } from './connection/database-health.js';
export { DatabaseUnavailableError } from './connection/database.errors.js';
export type { Deadline } from './connection/deadline.js';
export { StoreExamination, type IndexName, type StoreFacts } from './connection/store-examination.js';
export { DatabaseModule } from './database.module.js';
export { isTaken } from './documents/taken.js';
export {
  IDEMPOTENCY_KEPT_MS,
  IdempotencyKeyRepository,
  type NamedRequest,
  type RequestStart,
} from './idempotency/idempotency-key.repository.js';
export { InstanceRepository } from './instance/instance.repository.js';
export { InviteRepository, type Invite } from './invites/invite.repository.js';
export { MembershipRepository, type Membership } from './memberships/membership.repository.js';
export { MAX_MEMORIES, MemoryRepository, type Memory } from './memories/memory.repository.js';
export { MigrationLockedError, MigrationLockLostError, NewerDatabaseError } from './migrations/migration.errors.js';
export { Migrator, type MigrationState, type MigrationStatus, type MigratorOptions } from './migrations/migrator.js';
export {
  SessionRepository,
  type KnownUser,
  type KnownWorkspace,
  type Session,
  type SessionIdentity,
} from './sessions/session.repository.js';
export { StreamTicketRepository, type StreamTicket } from './stream-tickets/stream-ticket.repository.js';
export { UserRepository, type User, type UserFilter } from './users/user.repository.js';
export type { LinkedIdentity } from './users/user.schema.js';
export { WorkspaceRepository, type Workspace } from './workspaces/workspace.repository.js';
export {
  MAIL_KEPT_MS,
  OutboxRepository,
  type MailClaim,
  type MailEnd,
  type NewOutboxMail,
  type OutboxMail,
} from './outbox/outbox.repository.js';
export { SignInLinkRepository, type SignInLink } from './sign-in-links/sign-in-link.repository.js';
export { OidcFlowRepository, type OidcFlow } from './oidc-flows/oidc-flow.repository.js';
export { PayloadRepository } from './payloads/payload.repository.js';
export type { RunDocument, RunRequestKey } from './runs/run.schema.js';
export {
  RunReader,
  type JournalPage,
  type ListedRun,
  type RunFilter,
  type RunWithLast,
  type WatchedHead,
} from './runs/run.reader.js';
export { RunStore, type Append, type NewRun, type RunTail, type Wake } from './runs/run.store.js';
export {
  RunWatch,
  type DuePlace,
  type DueRun,
  type EndedRun,
  type EndPlace,
  type RunToRing,
} from './runs/run.watch.js';
export { WorkerRepository } from './workers/worker.repository.js';
