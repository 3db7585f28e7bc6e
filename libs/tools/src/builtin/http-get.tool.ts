import type { EgressClient } from '@flowmate/egress';
import { z } from 'zod';
import { answerText } from '../http/answer-text.js';
import { httpCall } from '../http/http-call.js';
import type { Tool, ToolManifest } from '../port/tool.js';

/** Room for the status and a notice in the 64 KB of an output. */
const TEXT_BYTES = 62 * 1_024;

const args = z.strictObject({
  url: z.string().min(1).max(2_048).describe('The whole https address, with its query.'),
});

export const httpGetManifest: ToolManifest<z.infer<typeof args>> = {
  id: 'http.get',
  title: 'Read a web address',
  description:
    'Reads a public web page or JSON API with GET and answers its status and text. HTML is reduced to its text. Redirects are not followed.',
  risk: 'read',
  class: 'R',
  scopes: [],
  args,
  timeoutMs: 15_000,
  outputBytes: 65_536,
};

/** Reads a public page or an API that needs no account. The client must know no trusted origins. */
export function httpGet(client: EgressClient): Tool<z.infer<typeof args>> {
  return {
    manifest: httpGetManifest,
    async run({ url }, { signal }) {
      const headers = { accept: 'text/*, application/json;q=0.9, */*;q=0.1' };
      return answerText(await httpCall(client, { url, method: 'GET', headers, signal }), TEXT_BYTES);
    },
  };
}
