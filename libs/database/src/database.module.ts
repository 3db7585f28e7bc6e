import { Module, type DynamicModule } from '@nestjs/common';
import { AgentRepository } from './agents/agent.repository.js';
import { ApiKeyRepository } from './api-keys/api-key.repository.js';
import { AuditRepository } from './audit/audit.repository.js';
import { CanaryRepository } from './canaries/canary.repository.js';
import { Database } from './connection/database.js';
import { IdempotencyKeyRepository } from './idempotency/idempotency-key.repository.js';
import { InstanceRepository } from './instance/instance.repository.js';
import { InviteRepository } from './invites/invite.repository.js';
import { MembershipRepository } from './memberships/membership.repository.js';
import { MemoryRepository } from './memories/memory.repository.js';
import { Migrator } from './migrations/migrator.js';
import { OidcFlowRepository } from './oidc-flows/oidc-flow.repository.js';
import { OutboxRepository } from './outbox/outbox.repository.js';
import { PayloadRepository } from './payloads/payload.repository.js';
import { RunReader } from './runs/run.reader.js';
import { RunStore } from './runs/run.store.js';
import { RunWatch } from './runs/run.watch.js';
import { SessionRepository } from './sessions/session.repository.js';
import { SignInLinkRepository } from './sign-in-links/sign-in-link.repository.js';
import { StreamTicketRepository } from './stream-tickets/stream-ticket.repository.js';
import { UserRepository } from './users/user.repository.js';
import { WorkerRepository } from './workers/worker.repository.js';
import { WorkspaceRepository } from './workspaces/workspace.repository.js';

/** Each is made from the connection alone. */
const REPOSITORIES = [
  AgentRepository,
  ApiKeyRepository,
  AuditRepository,
  CanaryRepository,
  IdempotencyKeyRepository,
  InstanceRepository,
  InviteRepository,
  MembershipRepository,
  MemoryRepository,
  OidcFlowRepository,
  OutboxRepository,
  PayloadRepository,
  RunReader,
  RunStore,
  RunWatch,
  SessionRepository,
  SignInLinkRepository,
  StreamTicketRepository,
  UserRepository,
  WorkerRepository,
  WorkspaceRepository,
];

/** Hands the one connection of a process, and the repositories on it, to whoever asks. It opens and closes nothing. */
@Module({})
export class DatabaseModule {
  static with(database: Database): DynamicModule {
    return {
      module: DatabaseModule,
      global: true,
      providers: [
        { provide: Database, useValue: database },
        { provide: Migrator, useFactory: () => new Migrator(database) },
        ...REPOSITORIES.map((Repository) => ({ provide: Repository, useFactory: () => new Repository(database) })),
      ],
      exports: [Database, Migrator, ...REPOSITORIES],
    };
  }
}
