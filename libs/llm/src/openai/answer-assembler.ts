import type { Finish, ModelAnswer, ToolCall } from '@flowmate/domain';
import { ModelInvalidAnswerError, ModelUnavailableError } from '../model.errors.js';
import { type CallFragment, type ChunkUsage, type CompletionChunk, parseChunk } from './completion-chunk.js';
import { errorInStream } from './provider-error.js';

/** Far above the ten calls of an answer that are ever run; the list must not grow without end. */
const MAX_CALLS = 1_000;
/** Providers use up to 64; longer ones are no names and would be stored with every call. */
const MAX_NAME_LENGTH = 256;

interface OpenCall {
  id: string;
  name: string;
  args: string;
}

/** An answer before its tokens are priced. */
export interface AssembledAnswer extends Omit<ModelAnswer, 'usage'> {
  readonly usage: ChunkUsage | undefined;
}

const FINISH: Readonly<Record<string, Finish>> = {
  stop: 'stop',
  tool_calls: 'calls',
  function_call: 'calls',
  length: 'length',
  model_length: 'length',
  max_tokens: 'length',
  content_filter: 'filtered',
};

/** What one event brought: text for eyes, and whether the answer came any further. */
export interface Progress {
  readonly text: string;
  readonly isProgress: boolean;
}

/** Makes a whole answer of the chunks of Chat Completions, or none. */
export class AnswerAssembler {
  private text = '';
  private readonly calls: OpenCall[] = [];
  private readonly callAt = new Map<number, OpenCall>();
  private finish: string | undefined;
  private usage: ChunkUsage | undefined;
  private model: string | undefined;
  private events = 0;
  private done = false;

  constructor(private readonly toolOf: (wireName: string) => string = (name) => name) {}

  /** True after the provider's last word; what comes after it is nothing. */
  get isDone(): boolean {
    return this.done;
  }

  push(data: string): Progress {
    this.events += 1;
    if (data.trim() === '[DONE]') {
      this.done = true;
      return { text: '', isProgress: true };
    }
    const chunk = parseChunk(data);
    if (chunk.error !== undefined && chunk.error !== null) throw errorInStream(chunk.error);
    this.model ??= chunk.model?.slice(0, MAX_NAME_LENGTH) || undefined;
    if (chunk.usage) this.usage = chunk.usage;
    return this.readChoice(chunk);
  }

  /** The whole answer. `sawForeignText`: the stream also held what is no event at all. */
  end(requestedModel: string, sawForeignText = false): AssembledAnswer {
    if (this.finish === undefined) throw this.unfinished(sawForeignText);
    const finish = this.finishOf(this.finish);
    return {
      text: this.text,
      // Cut off by length or filter, the last call may be half a call, and half a call never runs.
      calls: finish === 'calls' ? this.wholeCalls() : [],
      finish,
      usage: this.usage,
      model: this.model ?? requestedModel,
    };
  }

  private readChoice(chunk: CompletionChunk): Progress {
    // One choice is asked for; a server that sends more is read as if it had not.
    const choice = chunk.choices?.find(({ index }) => (index ?? 0) === 0);
    if (!choice) return { text: '', isProgress: chunk.usage !== undefined && chunk.usage !== null };
    const { delta, finish_reason: finish } = choice;
    const text = (delta?.content ?? '') + (delta?.refusal ?? '');
    const thought = (delta?.reasoning_content ?? '') + (delta?.reasoning ?? '');
    this.text += text;
    let grew = false;
    for (const fragment of delta?.tool_calls ?? []) grew = this.addFragment(fragment) || grew;
    if (finish) this.finish = finish;
    return { text, isProgress: text !== '' || thought !== '' || grew || Boolean(finish) };
  }

  private addFragment(fragment: CallFragment): boolean {
    const call = this.callOf(fragment);
    const { name, arguments: args } = fragment.function ?? {};
    call.id ||= fragment.id ?? '';
    call.name ||= name ?? '';
    call.args += args ?? '';
    return Boolean(fragment.id) || Boolean(name) || Boolean(args);
  }

  /**
   * Some servers number no calls, and some number all of them 0: there, another id with a name, or a second name,
   * begins another call. Another id alone does not: some send a fresh one with every fragment.
   */
  private callOf({ index, id, function: part }: CallFragment): OpenCall {
    const known = typeof index === 'number' ? this.callAt.get(index) : this.calls.at(-1);
    const isNamed = Boolean(part?.name) && Boolean(known?.name);
    const isOther = isNamed && (id ? id !== known?.id : typeof index !== 'number');
    if (known && !isOther) return known;
    if (this.calls.length >= MAX_CALLS) throw new ModelInvalidAnswerError({ reason: 'too_many_calls' });
    const call: OpenCall = { id: '', name: '', args: '' };
    this.calls.push(call);
    if (typeof index === 'number') this.callAt.set(index, call);
    return call;
  }

  private finishOf(reason: string): Finish {
    // Some servers say `stop` whatever they ask for; a word nobody knows is read the same way.
    const finish = Object.hasOwn(FINISH, reason) ? (FINISH[reason] ?? 'stop') : 'stop';
    if (finish === 'calls' && this.calls.length === 0) throw new ModelInvalidAnswerError({ reason: 'no_calls' });
    return finish === 'stop' && this.calls.length > 0 ? 'calls' : finish;
  }

  private wholeCalls(): ToolCall[] {
    const seen = new Set<string>();
    return this.calls.map(({ id, name, args }, at) => {
      const callId = id === '' ? `call_${at + 1}` : id;
      if (name === '' || name.length > MAX_NAME_LENGTH) throw new ModelInvalidAnswerError({ reason: 'call_name' });
      if (callId.length > MAX_NAME_LENGTH || seen.has(callId)) throw new ModelInvalidAnswerError({ reason: 'call_id' });
      seen.add(callId);
      return { id: callId, tool: this.toolOf(name), args };
    });
  }

  /** A provider that said it was done, or said nothing we know, answered badly; any other broke off. */
  private unfinished(sawForeignText: boolean): Error {
    const saidNothing = this.text === '' && this.calls.length === 0;
    if (this.done && saidNothing) return new ModelInvalidAnswerError({ reason: 'empty_choices' });
    if (this.events === 0 && sawForeignText) return new ModelInvalidAnswerError({ reason: 'no_events' });
    return new ModelUnavailableError({ reason: 'interrupted' });
  }
}
