import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Controller, Get, Module } from '@nestjs/common';
import { ROOT } from '../server-process.js';

/** The code that is deployed, with the types of the sources that it was built from. */
// oxlint-disable-next-line import/no-dynamic-require -- a literal path to dist would not type-check before a build
const built = <T>(path: string): Promise<T> => import(pathToFileURL(join(ROOT, 'dist', path)).href);

const { AppEnv, DatabaseEnv, LogEnv, RedisEnv, ServerEnv, TracingEnv, loadEnv } =
  await built<typeof import('../../libs/config/src/index.js')>('libs/config/src/index.js');
const { startTelemetry } = await built<typeof import('../../libs/observability/src/index.js')>(
  'libs/observability/src/index.js',
);
const { Database } = await built<typeof import('../../libs/database/src/index.js')>('libs/database/src/index.js');
const { Redis } = await built<typeof import('../../libs/redis/src/index.js')>('libs/redis/src/index.js');
const { HealthMonitor } = await built<typeof import('../../libs/health/src/index.js')>('libs/health/src/index.js');
const { createApi } = await built<typeof import('../../apps/api/src/app.setup.js')>('apps/api/src/app.setup.js');
const { API_ENV } = await built<typeof import('../../apps/api/src/config/api.env.js')>(
  'apps/api/src/config/api.env.js',
);
const { Public } = await built<typeof import('../../apps/api/src/auth/access.decorator.js')>(
  'apps/api/src/auth/access.decorator.js',
);

/** Does nothing, so that what its requests cost is what every request costs. */
@Controller('bench')
class NothingController {
  @Get('nothing')
  @Public()
  nothing(): object {
    return { status: 'healthy', service: 'bench', version: '0.0.0', uptimeSeconds: Math.floor(process.uptime()) };
  }
}

@Module({ controllers: [NothingController] })
class NothingModule {}

/** Everything that `start.ts` puts around a request, and one more route. */
// One address sends everything here: the limit is out of reach, and counting is part of the cost.
const variables = { ...process.env, RATE_LIMIT_MAX_REQUESTS: '1000000', RATE_LIMIT_WINDOW_MS: '1s' };
const env = loadEnv(API_ENV, { variables });
const telemetry = await startTelemetry({
  service: 'flowmate-api',
  version: '0.0.0',
  environment: env.get(AppEnv).nodeEnv,
  log: env.get(LogEnv),
  tracing: env.get(TracingEnv),
});
const redis = new Redis({ app: env.get(AppEnv), settings: env.get(RedisEnv), logger: telemetry.logger });
void redis.connect();
const database = new Database({
  app: env.get(AppEnv),
  settings: env.get(DatabaseEnv),
  role: 'api',
  logger: telemetry.logger,
});
void database.connect();
const { app } = await createApi({
  env,
  ...telemetry,
  health: new HealthMonitor({ components: [] }),
  database,
  redis,
  extraModules: [NothingModule],
});
await app.listen(env.get(ServerEnv).port, env.get(AppEnv).host);
