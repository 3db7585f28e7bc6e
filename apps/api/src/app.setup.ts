import type { ModuleMetadata } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { AppEnv, MetricsEnv, ServerEnv, type Environment } from '@flowmate/config';
import { HttpMetrics, LoadGate, Metrics, NestLogger, type Logger } from '@flowmate/observability';
import { AppModule } from './app.module.js';
import { ProblemFilter } from './http/problem.filter.js';
import { RouteTable } from './http/route-table.js';
import { createServer } from './http/server.js';
import { openApiDocument } from './openapi/document.js';
import { serveSwaggerUi } from './openapi/swagger-ui.js';

export interface AppOptions {
  readonly env: Environment;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly gate: LoadGate;
  readonly extraModules?: ModuleMetadata['imports'];
}

export interface Api {
  readonly app: NestFastifyApplication;
  readonly routes: RouteTable;
}

/** The whole application, ready to listen: what `main.ts` starts and what e2e tests drive. */
export async function createApi(options: AppOptions): Promise<Api> {
  const { env, logger, metrics, gate, extraModules } = options;
  const httpMetrics = env.get(MetricsEnv).enabled ? new HttpMetrics(metrics) : undefined;
  const server = await createServer({
    app: env.get(AppEnv),
    env: env.get(ServerEnv),
    logger,
    metrics: httpMetrics,
    gate,
  });
  const routes = new RouteTable(server);
  const module = AppModule.with({ env, logger, metrics, filter: new ProblemFilter(routes), extraModules });
  const app = await NestFactory.create<NestFastifyApplication>(module, new FastifyAdapter(server), {
    logger: new NestLogger(logger),
    bodyParser: false,
    abortOnError: false,
  });
  if (env.get(ServerEnv).apiDocs) await serveSwaggerUi(server, openApiDocument(app));
  return { app, routes };
}
