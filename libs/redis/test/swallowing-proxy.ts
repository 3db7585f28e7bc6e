import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** Hands bytes on, until it swallows them: connections stay and are accepted, and nothing comes back. */
export class SwallowingProxy {
  isSwallowing = false;
  private readonly sockets = new Set<Socket>();
  private readonly server = createServer((client) => this.join(client));

  constructor(private readonly target: string) {}

  async listen(): Promise<string> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    const url = new URL(this.target);
    url.port = `${(this.server.address() as AddressInfo).port}`;
    return url.href;
  }

  close(): void {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
  }

  private join(client: Socket): void {
    const server = connect(Number(new URL(this.target).port), '127.0.0.1');
    const pairs: ReadonlyArray<readonly [Socket, Socket]> = [
      [client, server],
      [server, client],
    ];
    for (const [from, to] of pairs) {
      this.sockets.add(from);
      from.on('data', (bytes) => this.isSwallowing || to.write(bytes));
      from.on('error', () => from.destroy());
      from.on('close', () => {
        this.sockets.delete(from);
        // What goes while nothing gets through is not heard of on the other side.
        if (!this.isSwallowing) to.destroy();
      });
    }
  }
}
