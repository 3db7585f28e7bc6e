import { Module, type DynamicModule, type ModuleMetadata } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_PIPE } from '@nestjs/core';
import type { Environment } from '@flowmate/config';
import { HealthMonitor } from '@flowmate/health';
import { Logger, Metrics } from '@flowmate/observability';
import { Redis } from '@flowmate/redis';
import { About } from './about.js';
import { AccessGuard } from './auth/access.guard.js';
import { HealthController } from './health/health.controller.js';
import { ReadinessController } from './health/readiness.controller.js';
import { InputPipe } from './http/input.pipe.js';
import { ProblemFilter } from './http/problem.filter.js';
import { QueryGuard } from './http/query.guard.js';
import { OperationsModule } from './operations/operations.module.js';
import { RateLimitGuard } from './rate-limit/rate-limit.guard.js';
import { RateLimitModule } from './rate-limit/rate-limit.module.js';
import { WelcomeController } from './welcome/welcome.controller.js';

/** What is made before the application: by `app.setup.ts` for real, by a test for itself. */
export interface AppParts {
  readonly env: Environment;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly health: HealthMonitor;
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
      imports: [OperationsModule, RateLimitModule, ...(parts.extraModules ?? [])],
      controllers: [WelcomeController, HealthController, ReadinessController],
      providers: [
        ...parts.env.providers(),
        { provide: Logger, useValue: parts.logger },
        { provide: Metrics, useValue: parts.metrics },
        { provide: HealthMonitor, useValue: parts.health },
        { provide: Redis, useValue: parts.redis },
        { provide: APP_FILTER, useValue: parts.filter },
        // Guards run in this order: how often, who may, then what was asked.
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
