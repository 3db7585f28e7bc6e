import { Module, type DynamicModule, type ModuleMetadata } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_PIPE, DiscoveryModule } from '@nestjs/core';
import type { Environment } from '@flowmate/config';
import { DatabaseModule, type Database } from '@flowmate/database';
import { HealthMonitor } from '@flowmate/health';
import { Logger, Metrics } from '@flowmate/observability';
import { Redis } from '@flowmate/redis';
import { About } from './about.js';
import { AccountModule } from './account/account.module.js';
import { AgentsModule } from './agents/agents.module.js';
import { ApiKeysModule } from './api-keys/api-keys.module.js';
import { AuditModule } from './audit/audit.module.js';
import { AccessGuard } from './auth/access.guard.js';
import { AuthenticationGuard } from './auth/authentication.guard.js';
import { DeclaredAccess } from './auth/declared-access.js';
import { OidcModule } from './auth/oidc/oidc.module.js';
import { IdentityModule } from './auth/identity.module.js';
import { HealthController } from './health/health.controller.js';
import { ReadinessController } from './health/readiness.controller.js';
import { InputPipe } from './http/input.pipe.js';
import { ProblemFilter } from './http/problem.filter.js';
import { QueryGuard } from './http/query.guard.js';
import { MailboxModule } from './mailbox/mailbox.module.js';
import { MailModule } from './mail/mail.module.js';
import { OperationsModule } from './operations/operations.module.js';
import { PeopleModule } from './people/people.module.js';
import { RateLimitGuard } from './rate-limit/rate-limit.guard.js';
import { RateLimitModule } from './rate-limit/rate-limit.module.js';
import { RunsModule } from './runs/runs.module.js';
import { SessionsModule } from './sessions/sessions.module.js';
import { SignInModule } from './sign-in/sign-in.module.js';
import { StreamTicketsModule } from './stream-tickets/stream-tickets.module.js';
import { ToolsModule } from './tools/tools.module.js';
import { WorkspacesModule } from './workspaces/workspaces.module.js';
import { WelcomeController } from './welcome/welcome.controller.js';

/** What is made before the application: by `app.setup.ts` for real, by a test for itself. */
export interface AppParts {
  readonly env: Environment;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly health: HealthMonitor;
  readonly database: Database;
  readonly redis: Redis;
  readonly filter: ProblemFilter;
  /** Modules that only a test harness mounts. */
  readonly extraModules?: ModuleMetadata['imports'];
}

@Module({})
export class AppModule {
  static with(parts: AppParts): DynamicModule {
    return {
      module: AppModule,
      global: true,
      imports: [
        DatabaseModule.with(parts.database),
        DiscoveryModule,
        AuditModule,
        MailModule,
        IdentityModule,
        OidcModule,
        RateLimitModule,
        OperationsModule,
        SignInModule,
        MailboxModule.for(parts.env),
        SessionsModule,
        ApiKeysModule,
        PeopleModule,
        StreamTicketsModule,
        WorkspacesModule,
        AccountModule,
        ToolsModule,
        AgentsModule,
        RunsModule,
        ...(parts.extraModules ?? []),
      ],
      controllers: [WelcomeController, HealthController, ReadinessController],
      providers: [
        ...parts.env.providers(),
        { provide: Logger, useValue: parts.logger },
        { provide: Metrics, useValue: parts.metrics },
        { provide: HealthMonitor, useValue: parts.health },
        { provide: Redis, useValue: parts.redis },
        { provide: APP_FILTER, useValue: parts.filter },
        DeclaredAccess,
        // Guards run in this order: who asks, how often, who may, then what was asked.
        { provide: APP_GUARD, useClass: AuthenticationGuard },
        { provide: APP_GUARD, useClass: RateLimitGuard },
        { provide: APP_GUARD, useClass: AccessGuard },
        { provide: APP_GUARD, useClass: QueryGuard },
        { provide: APP_PIPE, useClass: InputPipe },
        About,
      ],
      exports: [Logger, Metrics, Redis, About, ...parts.env.providers().map(({ provide }) => provide)],
    };
  }
}
