import type OpenAI from 'openai';
import type { Secret } from '@flowmate/config';
import type { ModelAnswer } from '@flowmate/domain';
import type { EgressClient, Fetch } from '@flowmate/egress';
import { ModelAbortedError, ModelInvalidAnswerError, ModelTimeoutError } from '../model.errors.js';
import type { ModelCall, ModelPort, ModelRequest } from '../model-port.js';
import { usageOf } from '../tokens.js';
import { AnswerAssembler, type AssembledAnswer } from './answer-assembler.js';
import { loadClient } from './client.js';
import { completionRequest } from './completion-request.js';
import { EventStream } from './event-stream.js';
import { StallTimer } from './stall-timer.js';
import { translate } from './translate.js';
import { WireNames } from './wire-names.js';

export interface OpenAiOptions {
  readonly baseUrl: string;
  readonly key: Secret;
  /** Must trust the origin of `baseUrl` when that is inside. */
  readonly egress: EgressClient;
  /** From the call to the head of the answer. */
  readonly firstByteMs: number;
  /** Between two pieces of content. */
  readonly idleMs: number;
}

/** No answer that is stored is larger; 50 of them at once still fit a worker. */
const MAX_BODY_BYTES = 8 * 1_024 * 1_024;
/** The longest wait that Node's timers know. The whole of a call ends with its signal. */
const NO_LIMIT_MS = 2_147_483_647;
/** The outbound client counts silence in steps of a second; it is the second line behind our own timer. */
const BACKSTOP_MS = 2_000;
/** After its last word a provider closes at once. If it does not, the connection is not worth waiting for. */
const DRAIN_MS = 1_000;

/** Any server that speaks OpenAI's Chat Completions. One call is one request: nothing here is repeated. */
export class OpenAiLlm implements ModelPort {
  readonly host: string;
  private readonly isOpenAi: boolean;
  private readonly fetch: Fetch;
  private client: Promise<OpenAI> | undefined;

  constructor(private readonly options: OpenAiOptions) {
    const { host, hostname } = new URL(options.baseUrl);
    this.host = host;
    this.isOpenAi = /(?:^|\.)openai\.(?:com|azure\.com)$/.test(hostname);
    this.fetch = options.egress.fetchWith({
      headersMs: options.firstByteMs + BACKSTOP_MS,
      idleMs: options.idleMs + BACKSTOP_MS,
      totalMs: NO_LIMIT_MS,
      maxResponseBytes: MAX_BODY_BYTES,
    });
  }

  async answer(request: ModelRequest, call: ModelCall): Promise<ModelAnswer> {
    if (call.signal.aborted) throw new ModelAbortedError();
    const controller = new AbortController();
    const onAbort = (): void => controller.abort();
    call.signal.addEventListener('abort', onAbort, { once: true });
    const stall = new StallTimer(this.options.firstByteMs, this.options.idleMs, onAbort);
    try {
      const answer = await this.exchange(request, call, { controller, stall });
      const { usage: counted } = answer;
      const written = answer.text + answer.calls.map(({ tool, args }) => tool + args).join('');
      return {
        ...answer,
        usage: usageOf(request, written, {
          inputTokens: counted?.prompt_tokens,
          cachedTokens: counted?.prompt_tokens_details?.cached_tokens ?? undefined,
          outputTokens: counted?.completion_tokens,
        }),
      };
    } catch (error) {
      // Our own signal first: whatever broke after it broke because of it.
      if (call.signal.aborted) throw new ModelAbortedError();
      if (stall.phase) throw new ModelTimeoutError({ reason: stall.phase });
      throw translate(error);
    } finally {
      stall.stop();
      call.signal.removeEventListener('abort', onAbort);
    }
  }

  private async exchange(request: ModelRequest, call: ModelCall, guard: CallGuard): Promise<AssembledAnswer> {
    const { baseUrl, key } = this.options;
    this.client ??= loadClient({ baseUrl, key, fetch: this.fetch });
    const client = await this.client;
    const names = new WireNames(request);
    const response = await client.chat.completions
      .create(completionRequest(request, names, this.isOpenAi), {
        signal: guard.controller.signal,
        ...(call.headers ? { headers: { ...call.headers } } : {}),
      })
      .asResponse();
    guard.stall.begin();
    const isStream = /^text\/event-stream\b/i.test(response.headers.get('content-type') ?? '');
    if (!isStream || !response.body) {
      guard.controller.abort();
      throw new ModelInvalidAnswerError({ status: response.status, reason: 'not_a_stream' });
    }
    const assembler = new AnswerAssembler((name) => names.idOf(name));
    const sawForeignText = await read(response.body, assembler, guard, call.onText);
    return assembler.end(request.model, sawForeignText);
  }
}

interface CallGuard {
  readonly controller: AbortController;
  readonly stall: StallTimer;
}

/** Reads until the provider's last word or the end, whichever is first; anything but well closes the socket. */
async function read(
  body: ReadableStream<Uint8Array>,
  assembler: AnswerAssembler,
  { controller, stall }: CallGuard,
  onText: ModelCall['onText'],
): Promise<boolean> {
  const reader = body.getReader();
  const events = new EventStream();
  try {
    while (!assembler.isDone) {
      // oxlint-disable-next-line no-await-in-loop -- a stream is read in order
      const { done, value } = await reader.read();
      if (done) break;
      for (const event of events.push(value)) {
        if (assembler.isDone) break;
        const { text, isProgress } = assembler.push(event);
        if (isProgress) stall.progress();
        if (text !== '') onText?.(text);
      }
    }
  } catch (error) {
    controller.abort();
    throw error;
  }
  if (assembler.isDone) void drain(reader, controller);
  return events.sawForeignText;
}

/** Reads the nothing that is left, so that the connection can be used again. Nobody waits for it. */
async function drain(reader: ReadableStreamDefaultReader<Uint8Array>, controller: AbortController): Promise<void> {
  const timer = setTimeout(() => controller.abort(), DRAIN_MS);
  try {
    // One read finds the end; more bytes after the last word are a reason to hang up.
    const { done } = await reader.read();
    if (!done) controller.abort();
  } catch {
    // The answer is whole already; what happens to its connection is the outbound client's business.
    controller.abort();
  } finally {
    clearTimeout(timer);
  }
}
