import { Module } from '@nestjs/common';
import { AuditLog } from '@flowmate/audit';
import {
  ApiKeyRepository,
  InviteRepository,
  MembershipRepository,
  UserRepository,
  WorkspaceRepository,
} from '@flowmate/database';
import {
  InviteService,
  MemberService,
  systemClock as clock,
  WorkspaceService,
  type InviteMail,
} from '@flowmate/identity';
import { Outbox } from '@flowmate/mail';
import { IdentityModule } from '../auth/identity.module.js';
import { PublicAddress } from '../mail/public-address.js';
import { RateLimitModule } from '../rate-limit/rate-limit.module.js';
import { InvitesController } from './invites.controller.js';
import { MembersController } from './members.controller.js';
import { InvitePageController } from './page/invite-page.controller.js';
import { OwnInvites } from './own-invites.service.js';
import { OwnWorkspaces } from './own-workspaces.service.js';
import { WorkspacesController } from './workspaces.controller.js';

const REPOSITORIES = [WorkspaceRepository, MembershipRepository, UserRepository, InviteRepository] as const;
type Repositories = [WorkspaceRepository, MembershipRepository, UserRepository, InviteRepository];

/** The token stands in the fragment, which no browser sends to a server. */
const sendWith =
  (outbox: Outbox, address: PublicAddress) =>
  async ({ to, token, notAfter, ...mail }: InviteMail): Promise<void> => {
    await outbox.put('invite', to, { ...mail, url: address.link('/invite', { token }) }, { notAfter });
  };

@Module({
  imports: [IdentityModule, RateLimitModule],
  controllers: [WorkspacesController, MembersController, InvitesController, InvitePageController],
  providers: [
    OwnInvites,
    OwnWorkspaces,
    {
      provide: WorkspaceService,
      inject: [...REPOSITORIES, AuditLog],
      useFactory: (...[workspaces, memberships, users, , audit]: [...Repositories, AuditLog]) =>
        new WorkspaceService({ workspaces, memberships, users, audit, clock }),
    },
    {
      provide: MemberService,
      inject: [...REPOSITORIES, ApiKeyRepository, AuditLog],
      useFactory: (...[, memberships, users, invites, keys, audit]: [...Repositories, ApiKeyRepository, AuditLog]) =>
        new MemberService({ memberships, users, invites, keys, audit, clock }),
    },
    {
      provide: InviteService,
      inject: [...REPOSITORIES, AuditLog, Outbox, PublicAddress],
      useFactory: (
        ...[workspaces, memberships, users, invites, audit, outbox, address]: [
          ...Repositories,
          AuditLog,
          Outbox,
          PublicAddress,
        ]
      ) =>
        new InviteService({ workspaces, memberships, users, invites, audit, clock, send: sendWith(outbox, address) }),
    },
  ],
})
export class WorkspacesModule {}
