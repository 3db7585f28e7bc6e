import type { ApiUnderTest } from './api-under-test.js';
import type { Person } from './people.js';
import { send, type Answer } from './send.js';

/** Whatever an answer holds: the tests say what it should be. */
type Json = ReturnType<typeof JSON.parse>;

export interface JsonAnswer extends Answer {
  readonly json: Json;
  /** Status and code, which is what most refusals are about. */
  readonly outcome: readonly [number, string | undefined];
}

export interface Asked {
  readonly method?: string;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

/** Asks as a person, with a JSON body when there is one. */
export async function ask(
  { port }: Pick<ApiUnderTest, 'port'>,
  who: Pick<Person, 'headers'>,
  path: string,
  { method, body, headers = {} }: Asked = {},
): Promise<JsonAnswer> {
  const text = body === undefined ? undefined : JSON.stringify(body);
  const answer = await send(port, {
    method: method ?? (text === undefined ? 'GET' : 'POST'),
    path,
    headers: { ...who.headers, ...(text !== undefined && { 'content-type': 'application/json' }), ...headers },
    ...(text !== undefined && { body: text }),
  });
  const isJson = String(answer.headers['content-type']).includes('json');
  const json: Json = isJson && answer.body !== '' ? JSON.parse(answer.body) : undefined;
  return { ...answer, json, outcome: [answer.status, json?.code] };
}
