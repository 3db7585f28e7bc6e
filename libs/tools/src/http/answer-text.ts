import { cleanLine } from '../output/clean-text.js';
import type { ToolOutput } from '../port/tool.js';
import { readText } from './read-text.js';

/** As long as an address may be that we send to. */
const MAX_LOCATION_CHARS = 2_048;

/** The answer as a model reads it: its status and type, then its text. A redirect is an answer: nobody follows it. */
export async function answerText(response: Response, maxBytes: number): Promise<ToolOutput> {
  const { status, headers } = response;
  const type = cleanLine(headers.get('content-type') ?? '').slice(0, 100);
  const lines = [`HTTP ${status}${type === '' ? '' : ` ${type}`}`];
  const location = status >= 300 && status < 400 ? headers.get('location') : null;
  if (location !== null)
    lines.push(
      `It points to another address, which was not followed: ${cleanLine(location).slice(0, MAX_LOCATION_CHARS)}`,
    );
  const { text, isTruncated } = await readText(response, maxBytes);
  const notice = isTruncated ? `\n[truncated to ${Math.ceil(Buffer.byteLength(text) / 1_024)} KB]` : '';
  return { text: `${lines.join('\n')}\n\n${text}${notice}`, isTruncated, label: 'untrusted' };
}
