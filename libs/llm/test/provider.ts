import { Secret } from '@flowmate/config';
import { EgressClient } from '@flowmate/egress';
import { ModelSimulator, type ModelScript } from '@flowmate/testing';
import { type ModelError, OpenAiLlm, type ModelRequest } from '../src/index.js';

/** No real key looks like it, and no text may hold it. */
export const KEY = 'sk-canary-of-the-adapter';
/** A canary too: what a prompt says is nobody's error message. */
export const PROMPT = 'prompt-canary of the adapter';

export interface ModelParts {
  readonly firstByteMs?: number;
  readonly idleMs?: number;
  readonly key?: string;
}

/** A simulated provider and what talks to it. */
export class Provider {
  readonly simulator = new ModelSimulator();
  private readonly clients: EgressClient[] = [];

  model(
    { firstByteMs = 15_000, idleMs = 15_000, key = KEY }: ModelParts = {},
    baseUrl: string = this.simulator.url,
  ): OpenAiLlm {
    const egress = new EgressClient({ trustedOrigins: [baseUrl] });
    this.clients.push(egress);
    return new OpenAiLlm({ baseUrl, key: new Secret(key), egress, firstByteMs, idleMs });
  }

  set(model: string, script: ModelScript): void {
    this.simulator.set(model, script);
  }

  async stop(): Promise<void> {
    await Promise.all(this.clients.map((client) => client.close()));
    await this.simulator.stop();
  }
}

export const ask = (model: string, rest: Partial<ModelRequest> = {}): ModelRequest => ({
  model,
  messages: [{ role: 'user', text: PROMPT }],
  tools: [{ id: 'time.now', description: 'The time.', parameters: { type: 'object', properties: {} } }],
  ...rest,
});

export const unending = (): AbortSignal => new AbortController().signal;

/** The error of a call that must fail. */
export async function failureOf(answer: Promise<unknown>): Promise<ModelError> {
  const result = await answer.then(
    () => undefined,
    (error: ModelError) => error,
  );
  if (!result) throw new Error('There was an answer.');
  return result;
}

/** Everything of an error that any log or any reader could ever see. */
export function textOf(error: unknown): string {
  const parts: string[] = [];
  for (let at = error, depth = 0; at instanceof Object && depth < 10; at = (at as Error).cause, depth += 1) {
    const own = Object.getOwnPropertyNames(at).map((name) => JSON.stringify(Reflect.get(at as object, name)) ?? '');
    parts.push(String(at), String((at as Error).stack), ...own);
  }
  return parts.join('\n');
}
