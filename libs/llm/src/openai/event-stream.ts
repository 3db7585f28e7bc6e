import { ModelInvalidAnswerError } from '../model.errors.js';

/**
 * The longest event that is read, in characters. Providers send words, some a whole answer of 128 k tokens; a line
 * beyond a million is none of either.
 */
const MAX_EVENT_LENGTH = 1_048_576;

const LINE_END = /\r\n|\n|\r/g;

/**
 * Server-sent events out of bytes, by the WHATWG rules: lines end with CR, LF or both and with nothing else, a blank
 * line ends an event, and an event that the end of the stream cuts off is none. Only `data` matters here.
 */
export class EventStream {
  private readonly decoder = new TextDecoder();
  private line = '';
  private data: string | undefined;
  private endedWithCr = false;
  private foreign = false;

  /** True once there was text that is neither a field of an event nor a comment. */
  get sawForeignText(): boolean {
    return this.foreign;
  }

  /** The events that these bytes complete. */
  push(bytes: Uint8Array): string[] {
    let text = this.decoder.decode(bytes, { stream: true });
    if (text === '') return [];
    if (this.endedWithCr && text.startsWith('\n')) text = text.slice(1);
    this.endedWithCr = false;
    const events: string[] = [];
    let from = 0;
    for (const { 0: end, index } of text.matchAll(LINE_END)) {
      this.endLine(this.line + text.slice(from, index), events);
      this.line = '';
      from = index + end.length;
    }
    this.endedWithCr = text.endsWith('\r');
    this.line += text.slice(from);
    this.checkLength(this.line);
    return events;
  }

  private endLine(line: string, events: string[]): void {
    if (line === '') {
      if (this.data !== undefined) events.push(this.data);
      this.data = undefined;
      return;
    }
    const colon = line.indexOf(':');
    const field = colon === -1 ? line : line.slice(0, colon);
    if (field === 'data') this.addData(colon === -1 ? '' : line.slice(colon + 1));
    else if (!/^(?:|event|id|retry)$/.test(field)) this.foreign = true;
  }

  private addData(value: string): void {
    const text = value.startsWith(' ') ? value.slice(1) : value;
    this.data = this.data === undefined ? text : `${this.data}\n${text}`;
    this.checkLength(this.data);
  }

  private checkLength(text: string): void {
    if (text.length > MAX_EVENT_LENGTH) throw new ModelInvalidAnswerError({ reason: 'event_too_large' });
  }
}
