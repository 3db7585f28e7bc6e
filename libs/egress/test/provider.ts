import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import {
  type AddressInfo,
  connect,
  createServer as createTcpServer,
  type Server as TcpServer,
  type Socket,
} from 'node:net';
import type { Certificate } from './certificate.js';

/** A server on loopback that plays the other side, well or badly. */
export interface Provider extends AsyncDisposable {
  readonly port: number;
  readonly origin: string;
  /** Connections accepted so far. */
  readonly connections: () => number;
  /** Connections open now. */
  readonly open: () => number;
}

async function listen(server: Server | TcpServer, scheme: string): Promise<Provider> {
  const sockets = new Set<Socket>();
  let connections = 0;
  server.on('connection', (socket: Socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    port,
    origin: `${scheme}://127.0.0.1:${port}`,
    connections: () => connections,
    open: () => sockets.size,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}

export const provider = (answer: RequestListener): Promise<Provider> => listen(createServer(answer), 'http');

export const secureProvider = (certificate: Certificate, answer: RequestListener): Promise<Provider> =>
  listen(createSecureServer({ ...certificate }, answer), 'https');

/** Speaks bytes, not HTTP: for answers that no HTTP server would give. */
export const rawProvider = (onConnection: (socket: Socket) => void): Promise<Provider> =>
  listen(createTcpServer(onConnection), 'http');

/** Sends every connection to a local server, as if the public address that was checked were there. */
export const dialTo =
  ({ port }: Provider, dialled: string[] = []) =>
  ({ addresses }: { readonly addresses: readonly string[] }): Promise<Socket> =>
    new Promise((resolve, reject) => {
      dialled.push(addresses.join(','));
      const socket = connect({ host: '127.0.0.1', port });
      socket.once('connect', () => resolve(socket)).on('error', reject);
    });
