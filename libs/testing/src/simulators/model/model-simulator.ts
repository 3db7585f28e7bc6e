import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { directiveOf, runOf, type WireRequest } from './completion-request.js';
import { type ModelScript, scriptOfName } from './model-modes.js';
import { answerBadly, isBadMode } from './bad-answers.js';
import { GoodAnswers } from './good-answers.js';

/** One call as it came in. */
export interface SimulatedCall {
  readonly model: string;
  readonly mode: string;
  /** Milliseconds of this process's monotonic clock. */
  readonly at: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: WireRequest;
  /** When the caller's connection went away, if it did before the answer was whole. */
  droppedAt?: number;
}

export interface ModelSimulatorOptions {
  readonly port?: number;
  /** Keep every request, for tests; a bench keeps only counts. */
  readonly isRecording?: boolean;
  /** What holds for every model unless something nearer says otherwise. */
  readonly defaults?: Partial<ModelScript>;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return chunks.length === 1 ? String(chunks[0]) : Buffer.concat(chunks).toString();
}

/**
 * A provider that speaks Chat Completions and behaves as it is told. It remembers only how often each run called: what
 * it answers is in the messages, so a run may crash, move and repeat.
 */
export class ModelSimulator {
  readonly calls: SimulatedCall[] = [];
  private readonly options: ModelSimulatorOptions;
  private readonly server: Server;
  private readonly good = new GoodAnswers();
  private readonly scripts = new Map<string, ModelScript>();
  private readonly countOf = new Map<string, number>();
  private total = 0;

  constructor(options: ModelSimulatorOptions = {}) {
    this.options = options;
    this.server = createServer((request, response) => void this.serve(request, response));
    // A bench keeps its connections for longer than Node's five seconds.
    this.server.keepAliveTimeout = 60_000;
  }

  get url(): string {
    const { port } = this.server.address() as AddressInfo;
    return `http://127.0.0.1:${port}/v1`;
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(this.options.port ?? 0, '127.0.0.1', resolve);
    });
    return this;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  /** What a model does from now on, whatever its name says. */
  set(model: string, script: ModelScript): void {
    this.scripts.set(model, script);
    for (const key of this.countOf.keys()) if (key.endsWith(`\n${model}`)) this.countOf.delete(key);
  }

  callsOf(run: string): readonly SimulatedCall[] {
    return this.calls.filter(({ body }) => runOf(body, directiveOf(body)) === run);
  }

  openConnections(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.server.getConnections((error, count) => (error ? reject(error) : resolve(count)));
    });
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // A caller that hangs up in mid-request is an everyday thing here.
    response.on('error', () => response.destroy());
    try {
      const text = await bodyOf(request);
      if (request.method === 'POST' && request.url?.endsWith('/chat/completions')) {
        this.complete(JSON.parse(text) as WireRequest, request, response);
      } else this.control(request, text, response);
    } catch {
      if (!response.headersSent) response.writeHead(400);
      response.end();
    }
  }

  private complete(body: WireRequest, request: IncomingMessage, response: ServerResponse): void {
    const directive = directiveOf(body);
    const script: ModelScript = {
      mode: 'ok',
      ...this.options.defaults,
      ...scriptOfName(body.model),
      ...this.scripts.get(body.model),
      ...directive,
    };
    const key = `${runOf(body, directive)}\n${body.model}`;
    const isTold = script.times === undefined || this.count(key) <= script.times;
    const current: ModelScript = isTold ? script : { ...script, mode: 'ok' };
    this.record(
      { model: body.model, mode: current.mode, at: performance.now(), headers: request.headers, body },
      response,
    );
    const { mode } = current;
    if (isBadMode(mode)) answerBadly(response, mode, current);
    else this.good.send(response, body, current);
  }

  private count(key: string): number {
    const count = (this.countOf.get(key) ?? 0) + 1;
    this.countOf.set(key, count);
    return count;
  }

  private record(call: SimulatedCall, response: ServerResponse): void {
    this.total += 1;
    if (this.options.isRecording === false) return;
    this.calls.push(call);
    response.once('close', () => {
      if (!response.writableFinished) call.droppedAt = performance.now();
    });
  }

  /** `POST /modes { model, … }` sets a script; `GET /calls` counts calls and their times by run. */
  private control(request: IncomingMessage, text: string, response: ServerResponse): void {
    if (request.method === 'POST' && request.url === '/modes') {
      const { model, ...script } = JSON.parse(text) as ModelScript & { model: string };
      this.set(model, script);
      response.writeHead(204).end();
    } else if (request.method === 'GET' && request.url === '/calls') {
      const runs: Record<string, number[]> = {};
      for (const { body, at } of this.calls) (runs[runOf(body, directiveOf(body))] ??= []).push(at);
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ total: this.total, runs }));
    } else response.writeHead(404).end();
  }
}
