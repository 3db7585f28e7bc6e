import type { ModelScript } from './model-modes.js';

/** What the simulator looks at in a request; a test double of a provider takes whatever comes. */
export interface WireRequest {
  readonly model: string;
  readonly messages: ReadonlyArray<{
    readonly role: string;
    readonly content?: string | null;
    readonly tool_calls?: readonly unknown[];
  }>;
  readonly tools?: ReadonlyArray<{ readonly function: { readonly name: string } }>;
}

/** Answers with tool calls so far: where the run is, whoever asks and however often. */
export const roundOf = (request: WireRequest): number =>
  request.messages.filter(({ role, tool_calls: calls }) => role === 'assistant' && (calls?.length ?? 0) > 0).length;

const firstUserText = (request: WireRequest): string =>
  request.messages.find(({ role }) => role === 'user')?.content ?? '';

interface Directive extends Partial<ModelScript> {
  readonly run?: string;
}

/** What a first user message such as `sim:{"rounds":2} do it` says. */
export function directiveOf(request: WireRequest): Directive {
  const [, json] = /^sim:(\{.*\})/s.exec(firstUserText(request)) ?? [];
  if (json === undefined) return {};
  const directive: Directive = JSON.parse(json);
  return directive;
}

/** Calls are counted by run: the one that the directive names, else the input, which a test makes its own. */
export const runOf = (request: WireRequest, directive: Directive): string =>
  directive.run ?? firstUserText(request).slice(0, 200);

const ORDER = 'CALL ';

/** The last `CALL tool {json}` that somebody planted in what the model reads. */
export function orderOf(request: WireRequest): { tool: string; args: string } | undefined {
  for (const { role, content } of request.messages.toReversed()) {
    if (role === 'assistant') continue;
    // Split rather than matched: a pattern with two open ends takes forever on what an attacker may plant.
    for (const line of (content ?? '').split('\n')) {
      const order = line.slice(line.indexOf(ORDER) + ORDER.length);
      const [, tool] = /^([\w.-]{1,64}) \{/.exec(order) ?? [];
      const end = order.lastIndexOf('}');
      if (line.includes(ORDER) && tool !== undefined && end > 0)
        return { tool, args: order.slice(tool.length + 1, end + 1) };
    }
  }
  return undefined;
}
