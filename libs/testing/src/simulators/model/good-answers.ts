import type { ServerResponse } from 'node:http';
import { completionEvents, type WireAnswer, type WireCall } from './completion-events.js';
import { orderOf, roundOf, type WireRequest } from './completion-request.js';
import type { ModelScript } from './model-modes.js';

/** Whole answers are made once; a bench sends the same few for hours. */
const MAX_KEPT = 1_000;
const TEXT = 'The simulated model has done what it was asked for.';

/** Ids with dots are known here by the names that the adapter sends. */
const wireName = (tool: string): string => tool.replaceAll('.', '__');

const textOf = (args: unknown): string => (typeof args === 'string' ? args : JSON.stringify(args ?? {}));

function callsOf(request: WireRequest, script: ModelScript): WireCall[] {
  const round = roundOf(request);
  if (script.plan) {
    const planned = script.plan[round] ?? [];
    return planned.map(({ tool, args }, at) => ({
      id: `call_${round + 1}_${at + 1}`,
      name: wireName(tool),
      args: textOf(args),
    }));
  }
  const order = script.mode === 'obey-attacker' ? orderOf(request) : undefined;
  const offered = request.tools?.map((tool) => tool.function.name) ?? [];
  const named = order?.tool ?? script.tool;
  const wanted = named === undefined ? offered[0] : wireName(named);
  if (wanted === undefined || round >= (script.rounds ?? 1)) return [];
  if (script.mode === 'obey-attacker' && !order) return [];
  const args = order?.args ?? textOf(script.args);
  return Array.from({ length: script.calls ?? 1 }, (_, at) => ({
    id: `call_${round + 1}_${at + 1}`,
    name: wanted,
    args,
  }));
}

/** Answers that are as they should be, at once or over time. */
export class GoodAnswers {
  private readonly kept = new Map<string, Buffer>();

  send(response: ServerResponse, request: WireRequest, script: ModelScript): void {
    const calls = callsOf(request, script);
    const answer: WireAnswer = {
      model: request.model,
      text: calls.length > 0 ? '' : (script.text ?? TEXT),
      calls,
      hasUsage: script.mode !== 'no-usage',
      ...(script.pieces !== undefined && { pieces: script.pieces }),
    };
    const begin = (): void => {
      if ((script.streamMs ?? 0) > 0) this.stream(response, answer, script.streamMs ?? 0);
      else this.sendWhole(response, answer);
    };
    if ((script.latencyMs ?? 0) > 0) setTimeout(begin, script.latencyMs);
    else begin();
  }

  private sendWhole(response: ServerResponse, answer: WireAnswer): void {
    const key = JSON.stringify(answer);
    const body = this.kept.get(key) ?? Buffer.from(completionEvents(answer).join(''));
    if (this.kept.size < MAX_KEPT) this.kept.set(key, body);
    response.writeHead(200, { 'content-type': 'text/event-stream', 'content-length': body.length });
    response.end(body);
  }

  private stream(response: ServerResponse, answer: WireAnswer, streamMs: number): void {
    const events = completionEvents(answer);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.flushHeaders();
    let at = 0;
    const timer = setInterval(() => {
      const next = events[at];
      at += 1;
      if (next !== undefined) response.write(next);
      if (at < events.length) return;
      clearInterval(timer);
      response.end();
    }, streamMs / events.length);
    response.once('close', () => clearInterval(timer));
  }
}
