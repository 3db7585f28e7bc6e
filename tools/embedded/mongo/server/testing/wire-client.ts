import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { decode } from '../../semantics/bson/decode.ts';
import { encode } from '../../semantics/bson/encode.ts';
import { Binary, Doc, Int32, type Value } from '../../semantics/value.ts';

const OP_MSG = 2013;
const HEADER_BYTES = 16;

/** The bytes of an OP_MSG with one body. */
export function message(command: Doc, { requestId = 1, flags = 0 } = {}): Buffer {
  const body = encode(command);
  const head = Buffer.alloc(HEADER_BYTES + 5);
  head.writeInt32LE(head.length + body.length, 0);
  head.writeInt32LE(requestId, 4);
  head.writeInt32LE(OP_MSG, 12);
  head.writeUInt32LE(flags, HEADER_BYTES);
  return Buffer.concat([head, body]);
}

/** What an address without a port means. */
const MONGO_PORT = 27_017;

const hmac = (key: Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();
const sha256 = (bytes: Buffer): Buffer => createHash('sha256').update(bytes).digest();

/** A connection that says exactly what a test wants said, and may ask many questions without waiting. */
export class WireClient {
  readonly socket: Socket;
  private readonly waiting = new Map<number, (reply: Doc) => void>();
  private readonly failures = new Map<number, (error: Error) => void>();
  private chunks: Buffer[] = [];
  private size = 0;
  private lastId = 0;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (chunk: Buffer) => this.receive(chunk));
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      for (const fail of this.failures.values()) fail(new Error('the server closed the connection'));
    });
  }

  static open(port: number, host = '127.0.0.1'): Promise<WireClient> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host, noDelay: true });
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.off('error', reject);
        resolve(new WireClient(socket));
      });
    });
  }

  static async loggedIn(port: number, password: string): Promise<WireClient> {
    const client = await WireClient.open(port);
    const reply = await client.login(password);
    if (reply.get('done') !== true) throw new Error(`no login: ${String(reply.get('errmsg'))}`);
    return client;
  }

  /** A server that somebody else runs, with or without users. */
  static async at(uri: string): Promise<WireClient> {
    const { hostname, port, username, password } = new URL(uri);
    const client = await WireClient.open(Number(port || MONGO_PORT), hostname);
    if (!username) return client;
    const reply = await client.login(decodeURIComponent(password), decodeURIComponent(username));
    if (reply.get('done') !== true) throw new Error(`no login: ${String(reply.get('errmsg'))}`);
    return client;
  }

  /** One command; `$db` is `test` unless it names another. */
  ask(command: Doc | Record<string, Value>): Promise<Doc> {
    const doc = command instanceof Doc ? command.clone() : Doc.of(command);
    if (!doc.has('$db')) doc.set('$db', 'test');
    this.lastId += 1;
    const requestId = this.lastId;
    return new Promise((resolve, reject) => {
      if (this.socket.destroyed) throw new Error('the server closed the connection');
      this.waiting.set(requestId, resolve);
      this.failures.set(requestId, reject);
      this.socket.write(message(doc, { requestId }));
    });
  }

  async login(password: string, user = 'flowmate'): Promise<Doc> {
    const bare = `n=${user},r=${randomBytes(18).toString('base64')}`;
    const started = await this.sasl({
      saslStart: new Int32(1),
      mechanism: 'SCRAM-SHA-256',
      payload: new Binary(0, Buffer.from(`n,,${bare}`)),
      options: Doc.of({ skipEmptyExchange: true }),
    });
    const payload = started.get('payload');
    if (!(payload instanceof Binary)) return started;
    const challenge = Buffer.from(payload.bytes).toString();
    const [nonce = '', salt = '', count = ''] = challenge.split(',').map((part) => part.slice(2));
    const salted = pbkdf2Sync(password, Buffer.from(salt, 'base64'), Number(count), 32, 'sha256');
    const key = hmac(salted, 'Client Key');
    const signature = hmac(sha256(key), `${bare},${challenge},c=biws,r=${nonce}`);
    const proof = Buffer.from(key.map((byte, index) => byte ^ signature[index]!)).toString('base64');
    return this.sasl({
      saslContinue: new Int32(1),
      conversationId: new Int32(1),
      payload: new Binary(0, Buffer.from(`c=biws,r=${nonce},p=${proof}`)),
    });
  }

  close(): void {
    this.socket.destroy();
  }

  private sasl(command: Record<string, Value>): Promise<Doc> {
    return this.ask({ ...command, $db: 'admin' });
  }

  private receive(chunk: Buffer): void {
    this.chunks.push(chunk);
    this.size += chunk.length;
    while (this.size >= HEADER_BYTES) {
      const [first] = this.chunks;
      const bytes = first && first.length >= HEADER_BYTES ? first : Buffer.concat(this.chunks);
      const length = bytes.readInt32LE(0);
      if (this.size < length) return;
      const whole = bytes.length >= length ? bytes : Buffer.concat(this.chunks);
      const rest = whole === first ? [whole.subarray(length), ...this.chunks.slice(1)] : [whole.subarray(length)];
      this.chunks = rest.filter((part) => part.length > 0);
      this.size -= length;
      this.resolve(whole.subarray(0, length));
    }
  }

  private resolve(frame: Buffer): void {
    const id = frame.readInt32LE(8);
    this.failures.delete(id);
    this.waiting.get(id)?.(decode(frame.subarray(HEADER_BYTES + 5)));
    this.waiting.delete(id);
  }
}
