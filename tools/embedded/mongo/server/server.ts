import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { Connection, type Service } from './connection.ts';
import { FINISH_WITHIN_MS, MAX_CONNECTIONS, MAX_CONNECTIONS_BEFORE_LOGIN } from './limits.ts';

/** Only this machine: nothing here is made to be reached from elsewhere. */
export const HOST = '127.0.0.1';

/** How often the patience of connections is checked. */
const SWEEP_MS = 1_000;

/** The queue of connections the system holds until they are accepted; pools of drivers open many at once. */
const BACKLOG = 1_024;

/** The listener and its connections. */
export class WireServer {
  private readonly service: Service;
  private readonly connections = new Set<Connection>();
  private readonly listener: Server;
  private readonly sweep: NodeJS.Timeout;
  private opened = 0;

  constructor(service: Service) {
    this.service = service;
    this.listener = createServer((socket) => this.accept(socket));
    this.sweep = setInterval(() => this.checkPatience(), SWEEP_MS).unref();
  }

  get open(): number {
    return this.connections.size;
  }

  get total(): number {
    return this.opened;
  }

  async listen(port: number): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.listener.once('error', reject);
      this.listener.listen({ port, host: HOST, backlog: BACKLOG }, resolve);
    });
    // A TCP listener's address is an object.
    return (this.listener.address() as AddressInfo).port;
  }

  /** Accepts nobody, lets running operations end, and cuts off what takes too long. */
  async stop(): Promise<void> {
    clearInterval(this.sweep);
    this.listener.close();
    const finished = Promise.all([...this.connections].map((connection) => connection.stop()));
    await Promise.race([finished, delay(FINISH_WITHIN_MS, undefined, { ref: false })]);
    this.destroyAll();
  }

  private accept(socket: Socket): void {
    const strangers = [...this.connections].filter(({ client }) => !client.loggedIn).length;
    if (this.connections.size >= MAX_CONNECTIONS || strangers >= MAX_CONNECTIONS_BEFORE_LOGIN) {
      socket.destroy();
      return;
    }
    this.opened += 1;
    const connection = new Connection(this.opened, socket, this.service);
    this.connections.add(connection);
    socket.on('close', () => this.connections.delete(connection));
  }

  private checkPatience(): void {
    const now = Date.now();
    for (const connection of this.connections) connection.checkPatience(now);
  }

  private destroyAll(): void {
    for (const connection of this.connections) connection.destroy();
  }
}
