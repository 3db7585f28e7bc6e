import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { EffectLog, type LedgerCall } from './effect-log.js';

/**
 * How a path answers. `429`, `4xx`, `5xx` and `cut` execute nothing; all others execute first. `late` answers nothing,
 * and executes only after a while; `slow` executes at once and answers after a while; `silent` never answers.
 */
export const LEDGER_MODES = [
  'ok',
  '429',
  '4xx',
  '5xx',
  'cut',
  'executeAndCut',
  'late',
  'slow',
  'silent',
  'html',
  'huge',
  'endless',
  'binary',
] as const;
export type LedgerMode = (typeof LEDGER_MODES)[number];

export interface ModeRule {
  /** The beginning of the paths that answer like that; the longest wins. */
  readonly path: string;
  readonly mode: LedgerMode;
  /** For so many calls; without it, until somebody says otherwise. */
  readonly times?: number;
  /** Of `late` and `slow`. */
  readonly ms?: number;
  /** Of `429`, in seconds. */
  readonly retryAfter?: number;
}

interface Asked {
  readonly method: string;
  readonly url: URL;
  readonly body: Buffer;
  readonly key: string | null;
}

const REFUSES: ReadonlySet<LedgerMode> = new Set(['429', '4xx', '5xx', 'cut']);
/** Case M10. */
const HUGE_BYTES = 50 * 1_024 * 1_024;
const CHUNK = Buffer.alloc(65_536, 'lorem ipsum ');

async function read(request: IncomingMessage): Promise<Asked> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const { 'idempotency-key': key, 'x-marker': marker } = request.headers;
  return {
    method: request.method ?? '',
    url: new URL(request.url ?? '/', 'http://ledger'),
    body: Buffer.concat(chunks),
    key: String(key ?? marker ?? '') || null,
  };
}

function* chunks(bytes: number): Generator<Buffer> {
  for (let sent = 0; sent < bytes; sent += CHUNK.length) yield CHUNK;
}

/** As fast as the other side reads, until it has enough or goes away. */
const pour = (response: ServerResponse, bytes: number): Promise<void> =>
  pipeline(Readable.from(chunks(bytes)), response).catch(() => undefined);

/**
 * Somebody outside whom tools change something at. Every call is on disk before it is answered, so what stands in the
 * file is what really happened. `/keyed/` acts once for each key; `/read/` never acts; everything else acts each time.
 * `POST /modes` makes paths fail, `GET /effects?key=` finds what was done.
 */
export class Ledger {
  private rules: Array<{ rule: ModeRule; left: number }> = [];

  private readonly log: EffectLog;
  private readonly server: Server;

  private constructor(log: EffectLog, server: Server) {
    this.log = log;
    this.server = server;
    server.on('request', (request, response) => {
      this.serve(request, response).catch(() => response.destroy());
    });
  }

  static async start({ file, port = 0 }: { file: string; port?: number }): Promise<Ledger> {
    const server = createServer();
    const ledger = new Ledger(await EffectLog.open(file), server);
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    return ledger;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  get calls(): readonly LedgerCall[] {
    return this.log.calls;
  }

  /** What was done, with a key or at all. */
  effects(key?: string): LedgerCall[] {
    return this.log.calls.filter((call) => call.isExecuted && (key === undefined || call.key === key));
  }

  /** How many connections are open: an aborted call must leave none. */
  connections(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.server.getConnections((error, count) => (error ? reject(error) : resolve(count)));
    });
  }

  set(rule: ModeRule): void {
    this.rules = this.rules.filter((known) => known.rule.path !== rule.path);
    this.rules.push({ rule, left: rule.times ?? Number.POSITIVE_INFINITY });
    this.rules.sort((one, other) => other.rule.path.length - one.rule.path.length);
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    this.server.closeAllConnections();
    await closed;
    await this.log.close();
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const asked = await read(request);
    const { pathname, searchParams } = asked.url;
    if (pathname === '/modes') {
      this.set(JSON.parse(asked.body.toString()) as ModeRule);
      response.writeHead(204).end();
    } else if (pathname === '/effects') {
      const effects = this.effects(searchParams.get('key') ?? undefined);
      answer(response, 200, { calls: this.calls.length, executed: effects.length, effects });
    } else await this.act(asked, response);
  }

  private async act(asked: Asked, response: ServerResponse): Promise<void> {
    const rule = this.ruleOf(asked.url.pathname);
    if (rule.mode === 'late') {
      response.destroy();
      await delay(rule.ms ?? 500);
    }
    await this.log.append(this.callOf(asked, rule.mode));
    if (rule.mode === 'slow') await delay(rule.ms ?? 500);
    await reply(response, rule, this.calls.length);
  }

  private callOf({ method, url: { pathname: path }, body, key }: Asked, mode: LedgerMode): LedgerCall {
    const isRepeat = path.startsWith('/keyed/') && key !== null && this.effects(key).length > 0;
    const isExecuted = method !== 'GET' && !REFUSES.has(mode) && !isRepeat;
    const bodySha256 = createHash('sha256').update(body).digest('hex');
    return { at: new Date().toISOString(), method, path, key, bodySha256, mode, isExecuted };
  }

  private ruleOf(path: string): ModeRule {
    const found = this.rules.find(({ rule, left }) => left > 0 && path.startsWith(rule.path));
    if (!found) return { path, mode: 'ok' };
    found.left -= 1;
    return found.rule;
  }
}

function answer(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

async function reply(response: ServerResponse, { mode, retryAfter = 1 }: ModeRule, call: number): Promise<void> {
  switch (mode) {
    case 'ok':
    case 'slow':
      return answer(response, 200, { ok: true, call });
    case '429':
      return answer(response, 429, { error: 'slow down' }, { 'retry-after': String(retryAfter) });
    case '4xx':
      return answer(response, 422, { error: 'no' });
    case '5xx':
      return answer(response, 503, { error: 'down' });
    case 'cut':
    case 'executeAndCut':
    case 'late':
      return void response.destroy();
    case 'silent':
      return undefined;
    case 'html':
      return void response
        .writeHead(200, { 'content-type': 'text/html' })
        .end('<!doctype html><title>Page</title><script>steal()</script><p>Hello &amp; goodbye</p>');
    case 'binary':
      return void response.writeHead(200, { 'content-type': 'image/png' }).end(Buffer.alloc(1_024, 0x89));
    case 'huge':
    case 'endless':
      response.writeHead(200, { 'content-type': 'text/plain' });
      return pour(response, mode === 'huge' ? HUGE_BYTES : Number.POSITIVE_INFINITY);
  }
}
