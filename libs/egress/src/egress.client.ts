import { Readable } from 'node:stream';
import { Agent } from 'undici';
import { DomainError } from '@flowmate/domain';
import { checkUrl, trustedOrigins, type UrlPolicy } from './check-url.js';
import { type Dial, dial } from './dial.js';
import { createFetch, type Fetch, type Outgoing } from './egress-fetch.js';
import { EgressResponse } from './egress-response.js';
import { type Answer, Exchange } from './exchange.js';
import { guardedConnector } from './guarded-connector.js';
import { type CallLimits, DEFAULT_LIMITS, type EgressLimits, withLimits } from './limits.js';
import { checkMethod, type EgressMethod, outgoingHeaders } from './outgoing-headers.js';
import { type Resolve, systemResolver } from './resolver.js';

/** `answered`, or the code of the error. Never a path, a query or a header: they hold secrets. */
export interface EgressEvent {
  /** Null when the address was refused: it is not ours to repeat. */
  readonly origin: string | null;
  readonly method: string;
  readonly status: number | undefined;
  readonly ms: number;
  readonly outcome: string;
}

export interface EgressOptions {
  /** Plain http on port 80, outside production. */
  readonly allowHttp?: boolean;
  /** Base URLs that the operator configured. Only their exact origin skips the address check. */
  readonly trustedOrigins?: readonly string[];
  readonly limits?: Partial<EgressLimits>;
  /** Sockets per origin; further requests wait within their deadline. */
  readonly connections?: number;
  /** Called once when a request has ended, however it ended. Must not throw. */
  readonly onRequest?: (event: EgressEvent) => void;
  readonly resolve?: Resolve;
  readonly dial?: Dial;
}

export interface EgressRequest {
  readonly url: string;
  readonly method?: EgressMethod;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  readonly signal?: AbortSignal;
  readonly limits?: Partial<CallLimits>;
}

const outcomeOf = (error: DomainError | undefined): string => error?.code ?? 'answered';

/** Twice the runs one worker is sized for (50). */
const DEFAULT_CONNECTIONS = 100;

/**
 * The one outbound HTTP client. Every address is checked as text and again when connecting, redirects are
 * answers, proxy variables are ignored, and every wait and every size has a limit. Give addresses that
 * users name a client without trusted origins, or they reach what the operator trusts.
 */
export class EgressClient {
  /** A `fetch` with the client's default limits. For longer answers see `fetchWith`. */
  readonly fetch: Fetch;
  private readonly policy: UrlPolicy;
  private readonly limits: EgressLimits;
  private readonly agent: Agent;
  private readonly onRequest: (event: EgressEvent) => void;

  constructor(options: EgressOptions = {}) {
    const trusted = trustedOrigins(options.trustedOrigins ?? []);
    this.policy = { allowHttp: options.allowHttp ?? false, trusted };
    this.limits = withLimits(DEFAULT_LIMITS, options.limits);
    this.onRequest = options.onRequest ?? (() => undefined);
    this.agent = new Agent({
      connect: guardedConnector({
        trusted,
        connectMs: this.limits.connectMs,
        resolve: options.resolve ?? systemResolver(),
        dial: options.dial ?? dial,
      }),
      connections: options.connections ?? DEFAULT_CONNECTIONS,
      // One request per connection at a time: an abort closes its own socket and nobody else's.
      allowH2: false,
      pipelining: 1,
    });
    this.fetch = this.fetchWith({});
  }

  /** What can be said about a URL before it is used; the same check runs again on every request. */
  checkUrl(url: string): URL {
    return checkUrl(url, this.policy);
  }

  async request(request: EgressRequest): Promise<EgressResponse> {
    const outgoing = {
      url: request.url,
      method: request.method ?? 'GET',
      headers: Object.entries(request.headers ?? {}),
      body: request.body,
      signal: request.signal,
    };
    return new EgressResponse(await this.send(outgoing, withLimits<CallLimits>(this.limits, request.limits)));
  }

  fetchWith(limits: Partial<CallLimits>): Fetch {
    const merged = withLimits<CallLimits>(this.limits, limits);
    return createFetch(
      (url, method) => void this.reporting(method, () => this.checkUrl(url)),
      (outgoing) => this.send(outgoing, merged),
    );
  }

  /** Ends whatever is still under way. */
  async close(): Promise<void> {
    await this.agent.destroy();
  }

  private async send(outgoing: Outgoing, limits: CallLimits): Promise<Answer> {
    const startedAt = performance.now();
    const prepared = this.reporting(outgoing.method, () => ({
      url: this.checkUrl(outgoing.url),
      method: checkMethod(outgoing.method),
      headers: outgoingHeaders(outgoing.headers),
    }));
    const { url, method, headers } = prepared;
    const exchange = new Exchange(limits, outgoing.signal, (status, error) => {
      const ms = performance.now() - startedAt;
      this.onRequest({ origin: url.origin, method, status, ms, outcome: outcomeOf(error) });
    });
    if (outgoing.signal?.aborted) return exchange.answer;
    const { body } = outgoing;
    this.agent.dispatch(
      {
        origin: url.origin,
        path: url.pathname + url.search,
        method,
        headers,
        body: body instanceof ReadableStream ? Readable.fromWeb(body) : (body ?? null),
        headersTimeout: limits.headersMs,
        bodyTimeout: limits.idleMs,
      },
      exchange,
    );
    return exchange.answer;
  }

  /** Refusals are events too: a burst of them is somebody trying. */
  private reporting<T>(method: string, prepare: () => T): T {
    try {
      return prepare();
    } catch (error) {
      if (error instanceof DomainError) {
        this.onRequest({ origin: null, method, status: undefined, ms: 0, outcome: outcomeOf(error) });
      }
      throw error;
    }
  }
}
