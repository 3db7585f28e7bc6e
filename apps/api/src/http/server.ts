import cors from '@fastify/cors';
import { fastify } from 'fastify';
import type { ServerEnv } from '@flowmate/config';
import type { Logger } from '@flowmate/observability';
import { DEFAULT_BODY_LIMIT } from './body-limit.decorator.js';
import type { Connections } from './connections.js';
import { UnsupportedMediaTypeError } from './http.errors.js';
import type { HttpServer } from './http.types.js';
import type { ProblemFilter } from './problem.filter.js';
import { disbelieveForwardedHost, trustedProxies } from './proxies.js';
import { RawErrors } from './raw-errors.js';
import type { RequestRecord } from './request-record.js';
import type { RouteTable } from './route-table.js';

/** How often Node looks for requests that are late: a deadline is kept to within this. */
const CHECK_INTERVAL_MS = 500;
/** Promise H05: headers that have not arrived by then are answered 408. */
const MAX_HEADERS_MS = 15_000;
/** Node's own default, stated because answers depend on it (431). */
const MAX_HEADER_BYTES = 16_384;
const MAX_HEADERS = 100;
/** Longer than the idle timeout of common load balancers (60 s), so that they and not we close first. */
const KEEP_ALIVE_MS = 65_000;
/** Ids are 24 characters, names at most 80; longer segments match nothing. */
const MAX_PARAM_LENGTH = 200;
/** How long a browser may remember a preflight answer: the longest that Chromium honours. */
const PREFLIGHT_SECONDS = 7_200;
/** What pages of allowed origins may read of an answer besides its body. */
const EXPOSED_HEADERS =
  'x-correlation-id, location, etag, idempotent-replayed, preference-applied, retry-after, ratelimit-limit, ratelimit-remaining, ratelimit-reset';

/** What pages of allowed origins may send; named here so that nothing of the question is repeated in the answer. */
const ALLOWED_HEADERS = [
  'authorization',
  'content-type',
  'idempotency-key',
  'if-match',
  'last-event-id',
  'prefer',
  'x-correlation-id',
  'x-flowmate',
  'x-workspace-id',
];

export interface ServerParts {
  readonly env: ServerEnv;
  readonly logger: Logger;
  readonly routes: RouteTable;
  readonly record: RequestRecord;
  readonly filter: ProblemFilter;
  readonly connections: Connections;
  /** Headers of every answer. */
  readonly headers: Readonly<Record<string, string>>;
}

/** The HTTP server with everything that holds for each request, whatever serves it. */
export async function createServer(parts: ServerParts): Promise<HttpServer> {
  const { env, logger, routes, record, filter, connections, headers } = parts;
  const rawErrors = new RawErrors(logger, headers, connections);
  const server: HttpServer = fastify({
    logger: false,
    genReqId: () => '',
    bodyLimit: DEFAULT_BODY_LIMIT,
    trustProxy: trustedProxies(env),
    requestTimeout: env.readTimeoutMs - CHECK_INTERVAL_MS,
    connectionTimeout: env.writeTimeoutMs,
    keepAliveTimeout: KEEP_ALIVE_MS,
    forceCloseConnections: 'idle',
    // Readiness turns red before the server closes; until then late arrivals are served, not refused.
    return503OnClosing: false,
    routerOptions: { maxParamLength: MAX_PARAM_LENGTH },
    http: {
      headersTimeout: Math.min(MAX_HEADERS_MS, env.readTimeoutMs / 2) - CHECK_INTERVAL_MS,
      connectionsCheckingInterval: CHECK_INTERVAL_MS,
      maxHeaderSize: MAX_HEADER_BYTES,
      requireHostHeader: false,
    },
    frameworkErrors: (error, request, reply) => filter.answerUnrouted(error, request, reply),
    clientErrorHandler: (error, socket) => rawErrors.refuse(error, socket),
  });
  server.server.maxHeadersCount = MAX_HEADERS;
  server.server.on('connect', (_request, socket) => rawErrors.refuseTunnel(socket));
  server.server.on('checkExpectation', (request) => rawErrors.refuseExpectation(request.socket));
  connections.attach(server);
  routes.attach(server);
  record.attach(server);
  disbelieveForwardedHost(server);
  acceptJsonOnly(server);
  await server.register(cors, {
    origin: [...env.allowedOrigins],
    strictPreflight: false,
    methods: ['GET', 'HEAD', 'POST', 'PATCH', 'PUT', 'DELETE'],
    allowedHeaders: ALLOWED_HEADERS,
    maxAge: PREFLIGHT_SECONDS,
    // Where no origin is allowed there is no page that could read them, and two headers of each answer are saved.
    ...(env.allowedOrigins.length > 0 ? { credentials: true, exposedHeaders: EXPOSED_HEADERS } : {}),
  });
  return server;
}

/** Bytes stay bytes until the guards have let the caller in; `InputPipe` makes values of them. */
function acceptJsonOnly(server: HttpServer): void {
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    const [, ...parameters] = (request.headers['content-type'] ?? '').split(';');
    const foreign = parameters.some((parameter) => !/^\s*(?:charset=(?:utf-8|"utf-8")\s*)?$/i.test(parameter));
    done(foreign ? new UnsupportedMediaTypeError() : null, body);
  });
  server.addHook('preParsing', (request, _reply, payload, done) => {
    const encoding = request.headers['content-encoding'];
    const refused = encoding !== undefined && encoding.toLowerCase() !== 'identity';
    done(refused ? new UnsupportedMediaTypeError() : null, payload);
  });
  server.addHook('onRoute', (route) => {
    const bytes: unknown = route.config === undefined ? undefined : Reflect.get(route.config, 'bodyLimitBytes');
    if (typeof bytes === 'number') route.bodyLimit = bytes;
  });
}
