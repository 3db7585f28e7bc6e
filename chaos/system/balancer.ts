import { once } from 'node:events';
import { Agent, createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Child } from './child.js';
import { urlOfApi } from './client.js';

/** What stands before the apis: each request goes to the next one that is in, and nothing is sent twice. */
export class Balancer {
  /** Requests that got no answer of the api they were given to. */
  failures = 0;
  private readonly apis = new Set<Child>();
  private readonly agent = new Agent({ keepAlive: true });
  private turn = 0;

  private constructor(private readonly server: Server) {
    server.on('request', (asked: IncomingMessage, answer: ServerResponse) => this.handOn(asked, answer));
  }

  static async start(): Promise<Balancer> {
    const balancer = new Balancer(createServer());
    balancer.server.listen(0, '127.0.0.1');
    await once(balancer.server, 'listening');
    return balancer;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  add(api: Child): void {
    this.apis.add(api);
  }

  /** Gets nothing new from here on; what it has goes on. */
  remove(api: Child): void {
    this.apis.delete(api);
  }

  close(): void {
    this.agent.destroy();
    this.server.closeAllConnections();
    this.server.close();
  }

  private handOn(asked: IncomingMessage, answer: ServerResponse): void {
    const apis = [...this.apis];
    this.turn += 1;
    const api = apis[this.turn % apis.length];
    if (!api) return void answer.writeHead(503).end();
    const { method, headers, url = '/' } = asked;
    const onward = request(new URL(url, urlOfApi(api)), { method, headers, agent: this.agent });
    const fail = (): void => {
      this.failures += 1;
      if (answer.headersSent) answer.destroy();
      else answer.writeHead(502).end();
    };
    onward.once('error', fail);
    onward.once('response', (given) => {
      answer.writeHead(given.statusCode ?? 502, given.headers);
      answer.flushHeaders();
      given.once('error', () => answer.destroy());
      given.pipe(answer);
    });
    answer.once('close', () => onward.destroy());
    asked.pipe(onward);
  }
}
