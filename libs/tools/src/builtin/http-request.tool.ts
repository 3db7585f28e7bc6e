import { trustedOrigins, type EgressClient } from '@flowmate/egress';
import { z } from 'zod';
import { answerText } from '../http/answer-text.js';
import { httpCall } from '../http/http-call.js';
import type { Tool, ToolManifest, ToolTraits } from '../port/tool.js';

/** Room for the status and a notice in the 64 KB of an output. */
const TEXT_BYTES = 62 * 1_024;
/** What an output may hold; nobody should need to say more than he is told. */
const MAX_BODY_BYTES = 64 * 1_024;

const args = z
  .strictObject({
    method: z.enum(['POST', 'PUT', 'PATCH', 'DELETE']),
    url: z.string().min(1).max(2_048).describe('The whole https address, with its query.'),
    json: z
      .unknown()
      .optional()
      .describe('The body, any JSON value, sent as application/json. No text that holds JSON.'),
    text: z.string().max(MAX_BODY_BYTES).optional().describe('The body, sent as text/plain. Not together with json.'),
  })
  .refine(({ json, text }) => json === undefined || text === undefined, 'give json or text, not both')
  .refine((body) => Buffer.byteLength(bodyOf(body).body ?? '') <= MAX_BODY_BYTES, 'the body is larger than 64 KB');

type Args = z.infer<typeof args>;

function bodyOf({ json, text }: { json?: unknown; text?: string | undefined }): { type?: string; body?: string } {
  if (json !== undefined) return { type: 'application/json', body: JSON.stringify(json) };
  return text === undefined ? {} : { type: 'text/plain; charset=utf-8', body: text };
}

export interface HttpRequestOptions {
  /** Must know no trusted origins. */
  readonly client: EgressClient;
  /** Origins of which the operator knows that they honour the header `Idempotency-Key`. */
  readonly keyedOrigins: readonly string[];
}

/** What is already gone is what a DELETE wants; the second of two would otherwise be a failure. */
const GONE = [404, 410];

export const httpRequestManifest: ToolManifest<Args> = {
  id: 'http.request',
  title: 'Send to a web address',
  description:
    'Sends POST, PUT, PATCH or DELETE to a public web address and answers its status and text. No headers can be given. Redirects are not followed.',
  risk: 'destructive',
  class: 'C',
  scopes: [],
  args,
  timeoutMs: 15_000,
  outputBytes: 65_536,
};

/**
 * Changes something at a public address. By HTTP, PUT and DELETE may be repeated; POST and PATCH only where the operator
 * says that the server honours our key. No argument decides about it: a model would only have to claim so.
 */
export function httpRequest({ client, keyedOrigins }: HttpRequestOptions): Tool<Args> {
  const keyed = trustedOrigins(keyedOrigins);
  return {
    manifest: httpRequestManifest,
    traitsOf({ method, url }): ToolTraits {
      const isRepeatable = method === 'PUT' || method === 'DELETE' || keyed.has(URL.parse(url)?.origin ?? '');
      return { risk: method === 'DELETE' ? 'destructive' : 'external', class: isRepeatable ? 'A' : 'C' };
    },
    async run(given, { signal, key }) {
      const { type, body } = bodyOf(given);
      // Sent to everybody: a server that does not know it ignores it, and one that does acts once.
      const headers = { 'idempotency-key': key, ...(type !== undefined && { 'content-type': type }) };
      const { method, url } = given;
      const call = { url, method, headers, signal, ...(body !== undefined && { body }) };
      return answerText(await httpCall(client, call, method === 'DELETE' ? GONE : []), TEXT_BYTES);
    },
  };
}
