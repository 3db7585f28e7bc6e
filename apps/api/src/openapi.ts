import { writeFile } from 'node:fs/promises';
import { AppEnv, loadEnv, RedisEnv } from '@flowmate/config';
import { HealthMonitor } from '@flowmate/health';
import { LoadGate, Metrics, createLogger } from '@flowmate/observability';
import { Redis } from '@flowmate/redis';
import { createApi } from './app.setup.js';
import { API_ENV } from './config/api.env.js';
import { openApiDocument } from './openapi/document.js';

/** Writes openapi.json. Nothing listens and nothing connects: the document comes from the decorators alone. */
const [, , path = 'openapi.json'] = process.argv;
const env = loadEnv(API_ENV, { variables: {} });
const logger = createLogger({ level: 'error', format: 'text', service: 'openapi', environment: 'development' });
const health = new HealthMonitor({ components: [] });
const redis = new Redis({ app: env.get(AppEnv), settings: env.get(RedisEnv), logger });
const { app } = await createApi({ env, logger, metrics: new Metrics(), gate: new LoadGate(), health, redis });
await writeFile(path, `${JSON.stringify(openApiDocument(app), null, 2)}\n`);
await app.close();
