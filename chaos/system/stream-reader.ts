import { get, type IncomingMessage } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

export interface StreamReaderOptions {
  /** Where it asks, each time anew. */
  readonly url: () => string;
  readonly secret: string;
  readonly runId: string;
}

/** Until the server says otherwise, as browsers do it. */
const RETRY_MS = 1_000;
/** The answer to somebody who has everything. */
const NOTHING_MORE = 204;

/** A reader of one run as a browser is one: it comes again behind the last event that it has, until the run has ended. */
export class StreamReader {
  readonly seqs: number[] = [];
  /** Answers that were neither a stream nor the end of it, and connections that were not taken. */
  readonly failures: string[] = [];
  /** How often it was told to go elsewhere. */
  drained = 0;
  connections = 0;
  bytes = 0;
  readonly done: Promise<void>;
  private retryMs = RETRY_MS;
  private hasEnded = false;
  private isStopped = false;

  constructor(private readonly options: StreamReaderOptions) {
    this.done = this.read();
  }

  /** Entries that it did not get, or got again. */
  get missed(): number {
    const last = this.seqs.at(-1) ?? 0;
    return last - new Set(this.seqs).size;
  }

  get doubled(): number {
    return this.seqs.length - new Set(this.seqs).size;
  }

  get isWhole(): boolean {
    return this.hasEnded && this.missed === 0 && this.doubled === 0;
  }

  stop(): void {
    this.isStopped = true;
  }

  private async read(): Promise<void> {
    while (!this.hasEnded && !this.isStopped) {
      const answer = await this.ask();
      if (answer) await this.listen(answer);
      if (!this.hasEnded) await delay(this.retryMs);
    }
  }

  private async ask(): Promise<IncomingMessage | undefined> {
    const { url, secret, runId } = this.options;
    const { promise, resolve } = Promise.withResolvers<IncomingMessage | Error>();
    const last = this.seqs.at(-1);
    const headers = {
      authorization: `Bearer ${secret}`,
      accept: 'text/event-stream',
      ...(last !== undefined && { 'last-event-id': `${last}` }),
    };
    this.connections += 1;
    get(`${url()}/api/v1/runs/${runId}/stream`, { headers, agent: false }, resolve).once('error', resolve);
    const answer = await promise;
    if (answer instanceof Error) this.failures.push(answer.message);
    else if (answer.statusCode === NOTHING_MORE) this.hasEnded = true;
    else if (answer.statusCode !== 200) this.failures.push(`${answer.statusCode}`);
    else return answer;
    if (!(answer instanceof Error)) answer.resume();
    return undefined;
  }

  private async listen(answer: IncomingMessage): Promise<void> {
    let text = '';
    const { promise, resolve } = Promise.withResolvers<void>();
    answer.setEncoding('utf8');
    answer.on('data', (piece: string) => {
      text += piece;
      this.bytes += piece.length;
      const events = text.split('\n\n');
      text = events.pop() ?? '';
      for (const event of events) this.hear(event);
    });
    answer.once('close', resolve);
    answer.once('error', () => resolve());
    await promise;
  }

  private hear(event: string): void {
    const fields = new Map(
      event
        .split('\n')
        .map((line): [string, string] => [
          line.slice(0, Math.max(0, line.indexOf(':'))),
          line.slice(line.indexOf(':') + 1).trim(),
        ]),
    );
    const [id, name, retry] = [fields.get('id'), fields.get('event'), fields.get('retry')];
    if (retry !== undefined) this.retryMs = Number(retry);
    if (id !== undefined) this.seqs.push(Number(id));
    if (name === 'server.draining') this.drained += 1;
    if (name === 'stream.end') this.hasEnded = true;
  }
}
