import { connect as connectTcp, isIP, type LookupFunction, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

/** Where to connect: the name for the certificate, the checked addresses for the packets. */
export interface DialTarget {
  readonly secure: boolean;
  readonly hostname: string;
  readonly port: number;
  readonly addresses: readonly string[];
}

/** Opens a connection and gives up when the signal fires. Injectable, so that tests can prove none was tried. */
export type Dial = (target: DialTarget, signal: AbortSignal) => Promise<Socket>;

/** Answers with the addresses that were checked, so nothing is resolved a second time. */
function pinned(addresses: readonly string[]): LookupFunction {
  const answers = addresses.map((address) => ({ address, family: isIP(address) }));
  return (_hostname, options, done) => {
    const [first] = answers;
    if (!first) done(new Error('no address'), '', 0);
    else if (options.all) done(null, answers);
    else done(null, first.address, first.family);
  };
}

function open({ secure, hostname, port, addresses }: DialTarget): Socket {
  const target = { host: hostname, port, lookup: pinned(addresses), autoSelectFamily: true };
  if (!secure) return connectTcp(target);
  // Stated, because NODE_TLS_REJECT_UNAUTHORIZED=0 would otherwise turn verification off.
  const verified = { ...target, rejectUnauthorized: true, ALPNProtocols: ['http/1.1'] };
  // A literal has no server name to send; its certificate is compared with the address.
  return connectTls(isIP(hostname) ? verified : { ...verified, servername: hostname });
}

export const dial: Dial = (target, signal) =>
  new Promise<Socket>((resolve, reject) => {
    const socket = open(target);
    const giveUp = (): void => {
      socket.destroy();
      reject(signal.reason);
    };
    signal.addEventListener('abort', giveUp, { once: true });
    socket.setNoDelay(true);
    socket.once(target.secure ? 'secureConnect' : 'connect', () => {
      signal.removeEventListener('abort', giveUp);
      resolve(socket);
    });
    // Stays: an error between this promise and its reader would otherwise be unhandled.
    socket.on('error', (error) => {
      signal.removeEventListener('abort', giveUp);
      reject(error);
    });
  });
