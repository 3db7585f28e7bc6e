import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';

/** An address has to be known before anything listens there, when what listens may be ended and started again. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo; // of a listening TCP server
  probe.close();
  await once(probe, 'close');
  return port;
}
