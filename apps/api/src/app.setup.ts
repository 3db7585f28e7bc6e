import type { ModuleMetadata } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { AppEnv, MetricsEnv, ServerEnv, type Environment } from '@flowmate/config';
import type { Database } from '@flowmate/database';
import type { HealthMonitor } from '@flowmate/health';
import { HttpMetrics, LoadGate, Metrics, NestLogger, type Logger } from '@flowmate/observability';
import type { Redis } from '@flowmate/redis';
import { AppModule } from './app.module.js';
import { Connections } from './http/connections.js';
import { ProblemFilter } from './http/problem.filter.js';
import { RequestRecord } from './http/request-record.js';
import { RouteTable } from './http/route-table.js';
import { securityHeaders } from './http/security-headers.js';
import { createServer } from './http/server.js';
import { openApiDocument } from './openapi/document.js';
import { serveSwaggerUi } from './openapi/swagger-ui.js';
import { UnroutedLimit } from './rate-limit/unrouted-limit.js';

export interface AppOptions {
  readonly env: Environment;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly gate: LoadGate;
  readonly health: HealthMonitor;
  readonly database: Database;
  readonly redis: Redis;
  readonly extraModules?: ModuleMetadata['imports'];
}

export interface Api {
  readonly app: NestFastifyApplication;
  readonly routes: RouteTable;
}

/** The whole application, ready to listen: what `main.ts` starts and what e2e tests drive. */
export async function createApi(options: AppOptions): Promise<Api> {
  const { env, logger, metrics, gate, health, database, redis, extraModules } = options;
  const headers = securityHeaders(env.get(AppEnv).isProduction);
  const httpMetrics = env.get(MetricsEnv).enabled ? new HttpMetrics(metrics) : undefined;
  const routes = new RouteTable();
  const connections = new Connections(env.get(ServerEnv).shutdownTimeoutMs);
  const record = new RequestRecord({ logger, metrics: httpMetrics, gate, connections, headers });
  const filter = new ProblemFilter(routes, record);
  const server = await createServer({ env: env.get(ServerEnv), logger, routes, record, filter, connections, headers });
  const module = AppModule.with({ env, logger, metrics, health, database, redis, filter, extraModules });
  const app = await NestFactory.create<NestFastifyApplication>(module, new FastifyAdapter(server), {
    logger: new NestLogger(logger),
    bodyParser: false,
    abortOnError: false,
  });
  app.get(UnroutedLimit, { strict: false }).attach(server);
  if (env.get(ServerEnv).apiDocs) serveSwaggerUi(server, openApiDocument(app));
  return { app, routes };
}
