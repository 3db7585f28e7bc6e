import { httpFailure } from './http-call.js';
import { htmlText } from './html-text.js';

type Decoder = InstanceType<typeof TextDecoder>;

export interface ReadText {
  readonly text: string;
  readonly isTruncated: boolean;
}

/** Most of a page is markup: of HTML we read so many times the text that we keep. */
const HTML_FACTOR = 8;

const TEXT_TYPE =
  /^(?:text\/[a-z0-9.+-]+|application\/(?:[a-z0-9.-]+\+)?(?:json|xml)|application\/(?:x-ndjson|yaml|javascript))$/;

/** The answer of somebody who does not say what it is may be text; its bytes tell. */
const typeOf = (response: Response): string =>
  (response.headers.get('content-type') ?? 'text/plain').split(';')[0]?.trim().toLowerCase() ?? '';

/** The encoding of the answer; one that is not known is read as UTF-8, and refused where it is none. */
function decoderOf(response: Response): Decoder {
  const label = /charset="?([a-z0-9_:-]{1,40})/i.exec(response.headers.get('content-type') ?? '')?.[1] ?? 'utf-8';
  try {
    return new TextDecoder(label, { fatal: true });
  } catch {
    return new TextDecoder('utf-8', { fatal: true });
  }
}

/** Reads so much and closes the connection: an answer without an end costs as much as one of this size. */
async function readBytes(response: Response, maxBytes: number): Promise<{ bytes: Buffer; isTruncated: boolean }> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  const reader = response.body?.getReader();
  try {
    for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) {
      chunks.push(part.value);
      size += part.value.length;
      // oxlint-disable-next-line no-await-in-loop -- ends the loop
      if (size > maxBytes) await reader?.cancel();
      if (size > maxBytes) break;
    }
  } catch (error) {
    throw httpFailure(error);
  }
  return { bytes: Buffer.concat(chunks).subarray(0, maxBytes), isTruncated: size > maxBytes };
}

/** Undefined for bytes that are no text, whatever their type says. */
function decode(decoder: Decoder, bytes: Buffer, isCut: boolean): string | undefined {
  try {
    // A stream may end inside a character.
    const text = decoder.decode(bytes, { stream: isCut });
    return text.includes('\u0000') ? undefined : text;
  } catch {
    return undefined;
  }
}

/** The beginning of an answer as text; what is no text is described and not read. */
export async function readText(response: Response, maxBytes: number): Promise<ReadText> {
  const type = typeOf(response);
  if (!TEXT_TYPE.test(type)) {
    await response.body?.cancel();
    return { text: '[The answer is no text and was not read.]', isTruncated: false };
  }
  const isHtml = type === 'text/html';
  const { bytes, isTruncated } = await readBytes(response, isHtml ? maxBytes * HTML_FACTOR : maxBytes);
  const text = decode(decoderOf(response), bytes, isTruncated);
  if (text === undefined) return { text: '[The answer says that it is text and is none.]', isTruncated: false };
  return { text: isHtml ? htmlText(text) : text, isTruncated };
}
