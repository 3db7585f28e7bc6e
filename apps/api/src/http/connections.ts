import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { DomainError } from '@flowmate/domain';
import type { HttpServer } from './http.types.js';

/** Before the process's own limit, so that a caller who reads nothing cannot make an orderly stop a failure. */
const BEFORE_LIMIT_MS = 500;

/** Who is connected and which of them wait for an answer. */
export class Connections {
  private readonly sockets = new Set<Duplex>();
  /** Open requests, each with its correlation id. */
  private readonly requests = new Map<IncomingMessage, string>();
  private readonly refusals = new WeakMap<IncomingMessage, DomainError>();

  constructor(private readonly shutdownTimeoutMs: number) {}

  attach(server: HttpServer): void {
    server.server.on('connection', (socket) => {
      this.sockets.add(socket);
      socket.once('close', () => this.sockets.delete(socket));
    });
    server.addHook('preClose', (done) => {
      this.drain(server);
      done();
    });
  }

  began(request: IncomingMessage, correlationId: string): void {
    this.requests.set(request, correlationId);
  }

  ended(request: IncomingMessage): void {
    this.requests.delete(request);
  }

  /** Whether a whole request on this connection still waits for its answer. */
  isWaiting(socket: Duplex): boolean {
    return [...this.requests.keys()].some((request) => request.complete && request.socket === socket);
  }

  /** Notes that the request still arriving here was answered on the bare socket; answers its correlation id. */
  refuseArriving(socket: Duplex, error: DomainError): string | undefined {
    for (const [request, correlationId] of this.requests) {
      if (request.socket !== socket || request.complete) continue;
      this.refusals.set(request, error);
      return correlationId;
    }
    return undefined;
  }

  /** What a request was told on the bare socket, if it was. */
  refusalOf(request: IncomingMessage): DomainError | undefined {
    return this.refusals.get(request);
  }

  /** Lets whole requests finish. Who has sent nothing, or half a request, has nothing to wait for. */
  private drain(server: HttpServer): void {
    const waiting = new Set<Duplex>(
      [...this.requests.keys()].filter(({ complete }) => complete).map(({ socket }) => socket),
    );
    for (const socket of this.sockets) if (!waiting.has(socket)) socket.destroy();
    const limitMs = Math.max(this.shutdownTimeoutMs - BEFORE_LIMIT_MS, this.shutdownTimeoutMs / 2);
    setTimeout(() => server.server.closeAllConnections(), limitMs).unref();
  }
}
