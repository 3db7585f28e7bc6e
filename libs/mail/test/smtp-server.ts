import { createServer, type Server, type Socket } from 'node:net';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

export interface Received {
  readonly from: string;
  readonly to: readonly string[];
  readonly data: string;
}

/** What it answers to a command instead of the usual; `null`: nothing at all. */
export type Answers = Readonly<Record<string, string | null>>;

/** Enough of SMTP (RFC 5321) to take a mail, or to refuse one at any step. */
export class SmtpServer {
  readonly received: Received[] = [];
  /** What clients said, a line each, bodies left out. */
  readonly lines: string[] = [];
  answers: Answers = {};
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();

  constructor() {
    this.server = createServer((socket) => this.serve(socket));
  }

  /** How many are connected at the moment. */
  get connections(): number {
    return this.sockets.size;
  }

  async listen(): Promise<number> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    return (this.server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
    await once(this.server, 'close');
  }

  private serve(socket: Socket): void {
    this.sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => this.sockets.delete(socket));
    const mail = { from: '', to: [] as string[] };
    let buffered = '';
    let isData = false;
    const say = (verb: string, usual: string): void => {
      const answer = verb in this.answers ? this.answers[verb] : usual;
      if (answer !== null) socket.write(`${answer}\r\n`);
    };
    say('GREETING', '220 test');
    socket.on('data', (chunk) => {
      buffered += chunk.toString();
      for (;;) {
        const end = isData ? buffered.indexOf('\r\n.\r\n') : buffered.indexOf('\r\n');
        if (end < 0) return;
        const line = buffered.slice(0, end);
        buffered = buffered.slice(end + (isData ? 5 : 2));
        if (isData) {
          isData = false;
          this.received.push({ from: mail.from, to: mail.to, data: line });
          say('END', '250 taken');
          continue;
        }
        this.lines.push(line);
        const verb = line.split(/[ :]/)[0]?.toUpperCase() ?? '';
        if (verb === 'MAIL') mail.from = /<(.*?)>/.exec(line)?.[1] ?? '';
        if (verb === 'RCPT') mail.to.push(/<(.*?)>/.exec(line)?.[1] ?? '');
        if (verb === 'DATA') {
          isData = !('DATA' in this.answers);
          say('DATA', '354 go on');
        } else if (verb === 'EHLO') say('EHLO', '250-test\r\n250-SMTPUTF8\r\n250 AUTH PLAIN');
        else if (verb === 'AUTH') say('AUTH', '235 yes');
        else if (verb === 'QUIT') socket.end('221 bye\r\n');
        else say(verb, '250 ok');
      }
    });
  }
}
