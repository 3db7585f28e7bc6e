import type { ToolManifest, ToolOutput } from '../port/tool.js';
import { cleanText } from './clean-text.js';

const NOT_TEXT = 'The tool answered something that is no text. It was left out.';

const inKb = (bytes: number): string => `${Math.ceil(bytes / 1_024)} KB`;

/** The longest beginning of a text that fits, cut between characters. */
function beginning(text: string, maxBytes: number): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= maxBytes) return text;
  // What is cut inside a character ends in a replacement character, or in part of one.
  return new TextDecoder().decode(bytes.subarray(0, Math.max(0, maxBytes)), { stream: true });
}

/** The notice is part of what may be put out. */
export function limitOutput({ text, isTruncated, label }: ToolOutput, { outputBytes }: ToolManifest): ToolOutput {
  if (typeof text !== 'string' || text.includes('\u0000')) return { text: NOT_TEXT, label };
  const clean = cleanText(text);
  const size = Buffer.byteLength(clean);
  if (size <= outputBytes) return { text: clean, label, ...(isTruncated && { isTruncated }) };
  const notice = `\n[truncated to ${inKb(outputBytes)} of ${inKb(size)}]`;
  return { text: beginning(clean, outputBytes - notice.length) + notice, isTruncated: true, label };
}
