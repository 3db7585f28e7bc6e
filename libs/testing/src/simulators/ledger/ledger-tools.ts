import { EgressClient } from '@flowmate/egress';
import { answerText, httpCall, type Tool, type ToolContext, type ToolEffects, type ToolOutput } from '@flowmate/tools';
import { z } from 'zod';

const args = z.strictObject({
  name: z.string().regex(/^[a-z0-9-]{1,64}$/),
  note: z.string().max(65_536).optional(),
});
type Args = z.infer<typeof args>;
type Kind = 'read' | 'keyed' | 'marked' | 'plain';

export interface LedgerToolOptions {
  readonly url: string;
  readonly timeoutMs?: number;
  readonly settleMs?: number;
}

interface LedgerTools {
  readonly tools: readonly [Tool<Args>, Tool<Args>, Tool<Args>, Tool<Args>];
  readonly close: () => Promise<void>;
}

/** One tool of each idempotency class, all at the same ledger: `ledger.read`, `.keyed`, `.marked` and `.plain`. */
export function ledgerTools({ url, timeoutMs = 2_000, settleMs = 2 * timeoutMs }: LedgerToolOptions): LedgerTools {
  const client = new EgressClient({ allowHttp: true, trustedOrigins: [url] });
  const manifest = <E extends ToolEffects>(kind: Kind, effects: E) => ({
    id: `ledger.${kind}`,
    title: `Ledger: ${kind}`,
    description: `The call ${kind} of the ledger.`,
    scopes: [],
    args,
    timeoutMs,
    outputBytes: 65_536,
    ...effects,
  });
  const send = async (kind: Kind, { name, note }: Args, headers: Record<string, string>, signal: AbortSignal) => {
    const isRead = kind === 'read';
    const call = { url: `${url}/${kind}/${name}`, method: isRead ? 'GET' : 'POST', headers, signal } as const;
    const response = await httpCall(client, { ...call, ...(!isRead && { body: note ?? '' }) });
    return answerText(response, 62 * 1_024);
  };
  const lookUp = async ({ key, signal }: ToolContext): Promise<ToolOutput | undefined> => {
    const response = await httpCall(client, { url: `${url}/effects?key=${key}`, method: 'GET', signal });
    const { executed } = (await response.json()) as { executed: number };
    return executed > 0 ? { text: 'found', label: 'untrusted' } : undefined;
  };
  const read: Tool<Args> = {
    manifest: manifest('read', { risk: 'read', class: 'R' }),
    run: (given, { signal }) => send('read', given, {}, signal),
  };
  const keyed: Tool<Args> = {
    manifest: manifest('keyed', { risk: 'write', class: 'A' }),
    run: (given, { signal, key }) => send('keyed', given, { 'idempotency-key': key }, signal),
  };
  const marked: Tool<Args> = {
    manifest: manifest('marked', { risk: 'write', class: 'B', settleMs }),
    run: (given, { signal, key }) => send('marked', given, { 'x-marker': key }, signal),
    reconcile: (_given, context) => lookUp(context),
  };
  const plain: Tool<Args> = {
    manifest: manifest('plain', { risk: 'external', class: 'C' }),
    run: (given, { signal, key }) => send('plain', given, { 'x-marker': key }, signal),
  };
  return { tools: [read, keyed, marked, plain], close: () => client.close() };
}
