import type { IncomingMessage } from 'node:http';
import type { DomainError } from '@flowmate/domain';
import { BadRequestError } from './http.errors.js';

function hostsOf(request: IncomingMessage): number {
  let hosts = 0;
  // Names stand at the even places; Node keeps one host of several in `headers` and drops the rest.
  for (let index = 0; index < request.rawHeaders.length; index += 2) {
    if (request.rawHeaders[index]?.length === 4 && request.rawHeaders[index]?.toLowerCase() === 'host') hosts += 1;
  }
  return hosts;
}

/** What a proxy before us may read otherwise than we do: which host is meant, and where the body ends. */
export function framingErrorOf(request: IncomingMessage): DomainError | undefined {
  const hosts = hostsOf(request);
  // Node would answer a missing host itself, without our headers and without a line in the log.
  if (hosts > 1 || (hosts === 0 && request.httpVersion === '1.1')) return new BadRequestError();
  const coding = request.headers['transfer-encoding'];
  return coding === undefined || coding.toLowerCase() === 'chunked' ? undefined : new BadRequestError();
}
