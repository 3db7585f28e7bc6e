import { Module } from '@nestjs/common';
import { AuditLog } from '@flowmate/audit';
import {
  AgentRepository,
  ApiKeyRepository,
  AuditRepository,
  InviteRepository,
  MembershipRepository,
  MemoryRepository,
  PayloadRepository,
  RunReader,
  SessionRepository,
  UserRepository,
  WorkspaceRepository,
} from '@flowmate/database';
import { AccountDeletion, DataExport, systemClock as clock } from '@flowmate/identity';
import { Outbox } from '@flowmate/mail';
import { IdentityModule } from '../auth/identity.module.js';
import { PublicAddress } from '../mail/public-address.js';
import { AccountController } from './account.controller.js';
import { OwnAccount } from './account.service.js';
import { Exports } from './exports.service.js';

const PEOPLE = [UserRepository, WorkspaceRepository, MembershipRepository, SessionRepository] as const;
type People = [UserRepository, WorkspaceRepository, MembershipRepository, SessionRepository];

const OF_WORKSPACES = [
  ApiKeyRepository,
  InviteRepository,
  AuditRepository,
  MemoryRepository,
  AgentRepository,
  RunReader,
  PayloadRepository,
] as const;
type OfWorkspaces = [
  ApiKeyRepository,
  InviteRepository,
  AuditRepository,
  MemoryRepository,
  AgentRepository,
  RunReader,
  PayloadRepository,
];

const tellWith =
  (outbox: Outbox, { origin }: PublicAddress) =>
  async (email: string, until: Date): Promise<void> => {
    const [day = ''] = until.toISOString().split('T', 1);
    await outbox.put('account-deletion', email, { until: day, url: `${origin}/sign-in` });
  };

@Module({
  imports: [IdentityModule],
  controllers: [AccountController],
  providers: [
    OwnAccount,
    Exports,
    {
      provide: AccountDeletion,
      inject: [...PEOPLE, AuditLog, Outbox, PublicAddress],
      useFactory: (
        ...[users, workspaces, memberships, sessions, audit, outbox, address]: [
          ...People,
          AuditLog,
          Outbox,
          PublicAddress,
        ]
      ) =>
        new AccountDeletion({
          users,
          workspaces,
          memberships,
          sessions,
          audit,
          clock,
          tell: tellWith(outbox, address),
        }),
    },
    {
      provide: DataExport,
      inject: [...PEOPLE, ...OF_WORKSPACES],
      useFactory: (
        ...[users, workspaces, memberships, sessions, keys, invites, trails, memories, agents, runs, payloads]: [
          ...People,
          ...OfWorkspaces,
        ]
      ) => {
        const ofPeople = { users, workspaces, memberships, sessions };
        return new DataExport({ ...ofPeople, keys, invites, trails, memories, agents, runs, payloads, clock });
      },
    },
  ],
})
export class AccountModule {}
