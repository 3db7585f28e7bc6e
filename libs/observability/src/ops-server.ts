import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Metrics } from './metrics/metrics.js';

export interface OpsServerOptions {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly service: string;
  readonly version: string;
  /** Absent when metrics are switched off: then `/metrics` does not exist. */
  readonly metrics?: Metrics | undefined;
  /** Absent in a process that needs nothing to be ready: then there are no such routes. */
  readonly readiness?: ReadinessPort | undefined;
  /** Absent in a process that lives as long as it answers. Never about a store: a new process would not help. */
  readonly liveness?: LivenessPort | undefined;
}

/** What liveness answers besides the fact that it answers. */
export interface LivenessPort {
  /** Why only a new process helps; `undefined` as long as this one does. */
  readonly fault: () => string | undefined;
}

/** What readiness answers; whoever knows the stores decides. */
export interface ReadinessPort {
  ready(): { readonly isReady: boolean; readonly body: object };
  details(): object;
}

type Route = () => Answer | Promise<Answer>;

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Scrapers and probes send a few hundred bytes at once; all limits are far above and far below trouble. */
const LIMITS = {
  maxHeaderSize: 8_192,
  headersTimeout: 5_000,
  requestTimeout: 5_000,
  keepAliveTimeout: 5_000,
  connectionsCheckingInterval: 1_000,
} as const;
/** A few scrapers and probes, each with a connection or two. */
const MAX_CONNECTIONS = 64;
/** A scrape that is under way when the server closes may take this long to end. */
const CLOSE_GRACE_MS = 500;

const SECURITY_HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
} as const;

/** Health and metrics for operators, on a port of its own that is never public. */
export class OpsServer {
  private readonly server: Server;
  private readonly startedAt = performance.now();
  private scrape: Promise<string> | undefined;
  private readonly routes: ReadonlyMap<string, Route>;

  constructor(private readonly options: OpsServerOptions) {
    this.routes = new Map(Object.entries(this.routesFor(options)));
    this.server = createServer(LIMITS, (request, response) => void this.answer(request, response));
    this.server.maxConnections = MAX_CONNECTIONS;
  }

  async listen(): Promise<{ readonly host: string; readonly port: number }> {
    const { host, port } = this.options;
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(port, host, () => {
        this.server.off('error', reject);
        resolve();
      });
    });
    const address = this.server.address();
    // Only a server on a Unix socket, or one that does not listen, has no such address.
    if (typeof address !== 'object' || address === null) throw new TypeError('The server listens on no port.');
    return { host: address.address, port: address.port };
  }

  /** Ends within half a second, whoever is still connected. */
  async close(): Promise<void> {
    if (!this.server.listening) return;
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    const cut = setTimeout(() => this.server.closeAllConnections(), CLOSE_GRACE_MS);
    this.server.closeIdleConnections();
    await closed;
    clearTimeout(cut);
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { status, type, body, headers } = await this.route(request);
    // What comes as a body is never read, so the connection cannot be used again.
    const hasBody = request.headers['content-length'] !== undefined || 'transfer-encoding' in request.headers;
    const connection = hasBody ? { connection: 'close' } : {};
    const length = { 'content-type': type, 'content-length': Buffer.byteLength(body) };
    response.writeHead(status, { ...SECURITY_HEADERS, ...length, ...connection, ...headers });
    response.end(body);
  }

  private async route({ method, url = '' }: IncomingMessage): Promise<Answer> {
    const answer = this.routes.get(url.split('?', 1)[0] ?? '');
    if (!answer) return problem(404, 'Not Found', 'not_found');
    if (method !== 'GET' && method !== 'HEAD') {
      return { ...problem(405, 'Method Not Allowed', 'method_not_allowed'), headers: { allow: 'GET, HEAD' } };
    }
    return answer();
  }

  private routesFor({ metrics, readiness }: OpsServerOptions): Record<string, Route> {
    const live = (): Answer => this.health();
    const ready = readiness && ((): Answer => readyAnswer(readiness));
    return {
      '/health': live,
      '/health/live': live,
      ...(metrics && { '/metrics': () => this.metricsAnswer(metrics) }),
      ...(ready && { '/health/ready': ready, '/ready': ready, '/api/ready': ready, '/api/health': ready }),
      ...(readiness && { '/health/details': () => json(200, readiness.details()) }),
    };
  }

  private health(): Answer {
    const { service, version } = this.options;
    const fault = this.options.liveness?.fault();
    if (fault !== undefined) return problem(503, 'Not alive', fault);
    const uptimeSeconds = Math.floor((performance.now() - this.startedAt) / 1_000);
    return json(200, { status: 'healthy', service, version, uptimeSeconds });
  }

  /** Callers that come at the same time share one collection, which is the expensive part. */
  private async metricsAnswer(metrics: Metrics): Promise<Answer> {
    try {
      this.scrape ??= metrics.text();
      return { status: 200, type: metrics.contentType, body: await this.scrape };
    } catch {
      return problem(500, 'Internal Server Error', 'internal');
    } finally {
      this.scrape = undefined;
    }
  }
}

const json = (status: number, body: object): Answer => ({
  status,
  type: 'application/json; charset=utf-8',
  body: JSON.stringify(body),
});

/** The answer when red names the same components: who probes by hand wants to know which one it is. */
function readyAnswer(readiness: ReadinessPort): Answer {
  const { isReady, body } = readiness.ready();
  if (isReady) return json(200, body);
  const red = { type: 'about:blank', title: 'Not available', status: 503, code: 'not_ready', ...body };
  return { ...json(503, red), type: 'application/problem+json; charset=utf-8', headers: { 'retry-after': '5' } };
}

function problem(status: number, title: string, code: string): Answer {
  const body = JSON.stringify({ type: 'about:blank', title, status, code });
  return { status, type: 'application/problem+json; charset=utf-8', body };
}
