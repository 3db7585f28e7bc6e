import type { ServerEnv } from '@flowmate/config';
import type { HttpServer } from './http.types.js';

type Trust = false | string[] | ((address: string, hop: number) => boolean);

/** Who may say in `X-Forwarded-For` where a request comes from. Everybody else is where his connection comes from. */
export function trustedProxies({ trustedProxies: named, trustedHops }: ServerEnv): Trust {
  // Fastify takes a bare number for "nobody", since it cannot see who is connected; the operator has closed the port.
  if (trustedHops !== undefined) return trustedHops > 0 && ((_address, hop) => hop < trustedHops);
  return named.length > 0 && [...named];
}

const NEVER_BELIEVED = ['x-forwarded-host', 'x-forwarded-proto'] as const;

/** Addresses of ours come from the configuration; no proxy, however much trusted, says what they are. */
export function disbelieveForwardedHost(server: HttpServer): void {
  server.addHook('onRequest', ({ raw }, _reply, done) => {
    for (const name of NEVER_BELIEVED) if (name in raw.headers) delete raw.headers[name];
    done();
  });
}
