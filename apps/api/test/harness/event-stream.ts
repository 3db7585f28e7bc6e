import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';

export interface SeenEvent {
  readonly id: string | undefined;
  readonly event: string;
  readonly data: ReturnType<typeof JSON.parse>;
}

/** A reader of a stream, as browsers read one. */
export class EventStream {
  readonly events: SeenEvent[] = [];
  comments = 0;
  retryMs: number | undefined;
  isOver = false;
  private rest = '';

  private constructor(
    readonly response: IncomingMessage,
    private readonly leave: () => void,
  ) {
    response.setEncoding('utf8');
    response.on('data', (text: string) => this.read(text));
    const over = (): void => void (this.isOver = true);
    response.on('end', over).on('close', over).on('error', over);
  }

  static async open(port: number, path: string, headers: Record<string, string> = {}): Promise<EventStream> {
    const outgoing = request({ host: '127.0.0.1', port, path, headers, agent: false });
    outgoing.on('error', () => undefined).end();
    const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
    return new EventStream(response, () => outgoing.destroy());
  }

  get status(): number {
    return this.response.statusCode ?? 0;
  }

  get names(): string[] {
    return this.events.map(({ event }) => event);
  }

  /** Of the entries of the journal. */
  get ids(): number[] {
    return this.events.flatMap(({ id }) => (id === undefined ? [] : [Number(id)]));
  }

  close(): void {
    this.leave();
  }

  private read(text: string): void {
    const blocks = (this.rest + text).split('\n\n');
    this.rest = blocks.pop() ?? '';
    for (const block of blocks) this.take(block.split('\n'));
  }

  private take(lines: readonly string[]): void {
    const fields = new Map(
      lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trimStart()]),
    );
    if (fields.has('')) this.comments += 1;
    if (fields.has('retry')) this.retryMs = Number(fields.get('retry'));
    if (fields.has('data'))
      this.events.push({
        id: fields.get('id'),
        event: fields.get('event') ?? '',
        data: JSON.parse(fields.get('data') ?? ''),
      });
  }
}
