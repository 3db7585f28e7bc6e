import { Module, type Provider } from '@nestjs/common';
import { JwtModule } from '@nestjs/jwt';
import { AuditLog } from '@flowmate/audit';
import { AppEnv, SignUpEnv, TokenSecretsEnv } from '@flowmate/config';
import { derivedKey } from '@flowmate/crypto';
import {
  ApiKeyRepository,
  InstanceRepository,
  InviteRepository,
  MembershipRepository,
  SessionRepository,
  StreamTicketRepository,
  UserRepository,
  WorkspaceRepository,
} from '@flowmate/database';
import {
  AccountService,
  ApiKeyService,
  Callers,
  Lockdown,
  PeopleService,
  RefreshTokens,
  SessionService,
  StreamTicketService,
  systemClock as clock,
  type WarnPerson,
} from '@flowmate/identity';
import { Outbox } from '@flowmate/mail';
import { Logger } from '@flowmate/observability';
import { AccessGates } from './access-gates.js';
import { AccessTokens } from './access-tokens.js';
import { Bearers } from './bearers.js';
import { RateLimitModule } from '../rate-limit/rate-limit.module.js';
import { Declarations } from './declarations.js';
import { SameOrigin } from './same-origin.js';
import { SessionAnswer } from './session-answer.js';
import { Tickets } from './tickets.js';
import { SessionCookies } from './session-cookies.js';

/** By mail: whoever holds a session of a person does not thereby hold his mailbox. */
const warnBy =
  (outbox: Outbox): WarnPerson =>
  async ({ email }, event, from) => {
    const { address, userAgent: device } = from ?? {};
    const facts = { ...(address !== undefined && { address }), ...(device !== undefined && { device }) };
    await outbox.put('security-notice', email, { event, at: clock().toISOString(), ...facts });
  };

const SERVICES: Provider[] = [
  {
    provide: RefreshTokens,
    inject: [TokenSecretsEnv],
    useFactory: ({ refreshSecret }: TokenSecretsEnv) => {
      if (!refreshSecret) throw new Error('REFRESH_SECRET is missing.');
      const secret = refreshSecret.reveal();
      return new RefreshTokens(derivedKey(secret, 'refresh hash'), derivedKey(secret, 'refresh seal'));
    },
  },
  {
    provide: SessionService,
    inject: [SessionRepository, UserRepository, RefreshTokens, AuditLog, Outbox],
    useFactory: (
      ...[sessions, users, tokens, audit, outbox]: [SessionRepository, UserRepository, RefreshTokens, AuditLog, Outbox]
    ) =>
      new SessionService({
        sessions,
        users,
        tokens,
        audit,
        clock,
        warn: warnBy(outbox),
      }),
  },
  {
    provide: Lockdown,
    inject: [InstanceRepository, AuditLog],
    useFactory: (instance: InstanceRepository, audit: AuditLog) => new Lockdown({ instance, audit, clock }),
  },
  {
    provide: Callers,
    inject: [SessionRepository, ApiKeyRepository, Logger],
    useFactory: (sessions: SessionRepository, keys: ApiKeyRepository, logger: Logger) =>
      new Callers({
        sessions,
        keys,
        clock,
        onError: (error) => logger.error('when something was last used could not be noted', error),
      }),
  },
  {
    provide: ApiKeyService,
    inject: [ApiKeyRepository, AuditLog],
    useFactory: (keys: ApiKeyRepository, audit: AuditLog) => new ApiKeyService({ keys, audit, clock }),
  },
  {
    provide: PeopleService,
    inject: [UserRepository, WorkspaceRepository, AuditLog],
    useFactory: (users: UserRepository, workspaces: WorkspaceRepository, audit: AuditLog) =>
      new PeopleService({ users, workspaces, audit, clock }),
  },
  {
    provide: StreamTicketService,
    inject: [StreamTicketRepository],
    useFactory: (tickets: StreamTicketRepository) => new StreamTicketService({ tickets, clock }),
  },
];

interface AccountParts {
  users: UserRepository;
  workspaces: WorkspaceRepository;
  memberships: MembershipRepository;
  isInvited: (email: string) => Promise<boolean>;
  warn: WarnPerson;
}

/** What makes accounts; apart, because it needs the most. */
const ACCOUNTS: Provider[] = [
  {
    provide: 'account repositories',
    inject: [UserRepository, WorkspaceRepository, MembershipRepository, InviteRepository, Outbox],
    useFactory: (
      ...[users, workspaces, memberships, invites, outbox]: [
        UserRepository,
        WorkspaceRepository,
        MembershipRepository,
        InviteRepository,
        Outbox,
      ]
    ): AccountParts => ({
      users,
      workspaces,
      memberships,
      isInvited: (email) => invites.isInvited(email, clock()),
      warn: warnBy(outbox),
    }),
  },
  {
    provide: AccountService,
    inject: ['account repositories', AuditLog, Lockdown, SignUpEnv, AppEnv],
    useFactory: (
      ...[repositories, audit, lockdown, policy, app]: [AccountParts, AuditLog, Lockdown, SignUpEnv, AppEnv]
    ) =>
      new AccountService({
        ...repositories,
        audit,
        policy,
        clock,
        isFirstAdmin: app.nodeEnv === 'development',
        isLocked: () => lockdown.isOn(),
      }),
  },
];

const HTTP = [AccessTokens, Bearers, Declarations, SessionCookies, SameOrigin, SessionAnswer, AccessGates, Tickets];

/** Who somebody is: the services of `@flowmate/identity`, made once, and how HTTP carries their tokens. */
@Module({
  imports: [JwtModule.register({}), RateLimitModule],
  providers: [...SERVICES, ...ACCOUNTS, ...HTTP],
  exports: [
    AccountService,
    ApiKeyService,
    Callers,
    Lockdown,
    PeopleService,
    SessionService,
    StreamTicketService,
    ...HTTP,
  ],
})
export class IdentityModule {}
