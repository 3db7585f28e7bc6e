import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { DomainError } from '@flowmate/domain';
import type { Logger } from '@flowmate/observability';
import type { Connections } from './connections.js';
import {
  BadRequestError,
  ExpectationFailedError,
  HeadersTooLargeError,
  MethodNotAllowedError,
  RequestTimeoutError,
} from './http.errors.js';
import { PROBLEM_TYPE, problemHeaders, statusOf, toProblem } from './problem.js';

/** What Node's HTTP parser gave up on, before there was a request. */
function rawErrorOf(code: string | undefined): DomainError {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return new RequestTimeoutError();
  if (code === 'HPE_HEADER_OVERFLOW') return new HeadersTooLargeError();
  return new BadRequestError();
}

/** Answers on the bare socket, in the same shape and with the same headers as everywhere else. */
export class RawErrors {
  constructor(
    private readonly logger: Logger,
    private readonly headers: Readonly<Record<string, string>>,
    private readonly connections: Connections,
  ) {}

  /** For bytes that are no request, and for a request that does not arrive in time. */
  refuse(error: { readonly code?: string }, socket: Duplex): void {
    // Nobody is there to be told.
    if (error.code === 'ECONNRESET' || !socket.writable) socket.destroy();
    else this.answer(rawErrorOf(error.code), socket);
  }

  /** CONNECT asks for a tunnel; there is none. */
  refuseTunnel(socket: Duplex): void {
    socket.on('error', () => socket.destroy());
    this.answer(new MethodNotAllowedError(['GET', 'HEAD', 'OPTIONS', 'POST', 'PATCH', 'DELETE']), socket);
  }

  /** We expect nothing but `100-continue`, which Node answers by itself. */
  refuseExpectation(socket: Duplex): void {
    this.answer(new ExpectationFailedError(), socket);
  }

  private answer(error: DomainError, socket: Duplex): void {
    // Somebody waits for the answer to an earlier request and would take this one for it.
    if (this.connections.isWaiting(socket)) {
      socket.destroy();
      return;
    }
    const arriving = this.connections.refuseArriving(socket, error);
    const correlationId = arriving ?? randomUUID();
    const status = statusOf(error);
    const body = JSON.stringify(toProblem(error, '/', correlationId));
    const head = {
      ...this.headers,
      ...problemHeaders(error),
      'content-type': PROBLEM_TYPE,
      'content-length': String(Buffer.byteLength(body)),
      'x-correlation-id': correlationId,
      connection: 'close',
    };
    const lines = Object.entries(head).map(([name, value]) => `${name}: ${value}\r\n`);
    // A request that had begun to arrive has a line of its own coming.
    if (arriving === undefined) {
      this.logger.info('request refused before it was one', { correlationId, status, code: error.code });
    }
    socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${lines.join('')}\r\n${body}`);
  }
}
