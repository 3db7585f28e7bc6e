import { connect } from 'node:net';
import { HOST } from './address.ts';

/**
 * Whether a server is alive. Only silence counts against it: a refused or closed connection is an
 * answer too, and whether its process still runs is known without asking.
 */
export function answers(port: number, request: Uint8Array, withinMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: HOST });
    const settle = (result: boolean): void => {
      clearTimeout(late);
      socket.destroy();
      resolve(result);
    };
    const late = setTimeout(() => settle(false), withinMs);
    socket.on('connect', () => socket.write(request));
    socket.on('data', () => settle(true));
    socket.on('error', () => settle(true));
    socket.on('close', () => settle(true));
  });
}
