import { setTimeout as delay } from 'node:timers/promises';
import type { Child } from './child.js';
import type { Accepted, Tenant } from './world.js';

export interface Answered {
  readonly status: number;
  readonly ms: number;
  readonly code: string | undefined;
}

/** Before the same request is sent again, as a client that wants to be sure does it. */
const AGAIN_MS = 200;
/** Longer than the api may take for anything. */
const GIVE_UP_MS = 20_000;

/** Where an api listens. */
export function urlOfApi(api: Child): string {
  const { port } = api.lines.find(({ msg }) => msg === 'api ready') ?? {};
  return `http://127.0.0.1:${Number(port)}`;
}

/** A caller who keeps asking until somebody has accepted, each time with the same key. */
export class Client {
  /** Every answer, and 0 for none. */
  readonly answers: Answered[] = [];
  /** Which run each key was answered with, to be the same however often. */
  readonly byKey = new Map<string, Set<string>>();

  constructor(
    private readonly apis: () => readonly Child[],
    private readonly tenant: Tenant,
  ) {}

  /** Resolves when a run was accepted. */
  async start(agentId: string, input: string, key: string): Promise<Accepted> {
    for (let attempt = 0; ; attempt += 1) {
      const id = await this.once({ agentId, input, key }, attempt);
      if (id !== undefined) return { id, at: Date.now() };
      await delay(AGAIN_MS);
    }
  }

  /** One request; the id when it was accepted. */
  async once(
    { agentId, input, key }: { agentId: string; input: string; key?: string },
    attempt = 0,
  ): Promise<string | undefined> {
    const apis = this.apis();
    const api = apis[attempt % Math.max(1, apis.length)];
    const started = performance.now();
    const answer =
      api && (await this.ask(api, `/api/v1/agents/${agentId}/run`, { input }, { key }).catch(() => undefined));
    const ms = performance.now() - started;
    const id = answer?.body['runId'];
    this.answers.push({ status: answer?.status ?? 0, ms, code: answer && codeOf(answer.body) });
    if (answer?.status !== 202 || typeof id !== 'string') return undefined;
    if (key !== undefined) this.byKey.set(key, (this.byKey.get(key) ?? new Set()).add(id));
    return id;
  }

  async ask(
    api: Child,
    path: string,
    body?: object,
    { key, method = body ? 'POST' : 'GET' }: { readonly key?: string | undefined; readonly method?: string } = {},
  ): Promise<{ readonly status: number; readonly body: Readonly<Record<string, unknown>> }> {
    const answer = await fetch(`${urlOfApi(api)}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.tenant.secret}`,
        ...(body && { 'content-type': 'application/json' }),
        ...(key !== undefined && { 'idempotency-key': key }),
      },
      ...(body && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(GIVE_UP_MS),
    });
    const text = await answer.text();
    const json: unknown = text.startsWith('{') ? JSON.parse(text) : {};
    return { status: answer.status, body: { ...(json as object) } };
  }
}

const codeOf = ({ code }: Readonly<Record<string, unknown>>): string | undefined =>
  typeof code === 'string' ? code : undefined;
