import { ResponseMalformedError } from './egress.errors.js';
import type { Answer } from './exchange.js';

const NO_ENCODING = new Set(['', 'identity']);

/** True when the body is compressed although we asked for plain; it is handed out as it came, never inflated. */
export function isEncoded(headers: Headers): boolean {
  return !NO_ENCODING.has((headers.get('content-encoding') ?? '').trim().toLowerCase());
}

/**
 * An answer whose body is read on demand, once, up to the cap. A 3xx is an answer like any other. Read
 * the body or `discard()` it: an unread one holds its socket until the request's total deadline.
 */
export class EgressResponse {
  readonly status: number;
  readonly headers: Headers;
  private bytes: Promise<Buffer> | undefined;

  constructor(private readonly answer: Answer) {
    this.status = answer.status;
    this.headers = answer.headers;
  }

  get ok(): boolean {
    return this.status >= 200 && this.status < 300;
  }

  body(): Promise<Buffer> {
    this.bytes ??= this.read();
    return this.bytes;
  }

  async text(): Promise<string> {
    const bytes = await this.body();
    if (isEncoded(this.headers)) throw new ResponseMalformedError(this.status);
    return new TextDecoder().decode(bytes);
  }

  async json(): Promise<unknown> {
    const text = await this.text();
    try {
      const value: unknown = JSON.parse(text);
      return value;
    } catch {
      throw new ResponseMalformedError(this.status);
    }
  }

  /** Closes the connection without reading the rest. */
  async discard(): Promise<void> {
    if (!this.bytes) await this.answer.body.cancel();
  }

  private async read(): Promise<Buffer> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of this.answer.body) chunks.push(chunk);
    return Buffer.concat(chunks);
  }
}
