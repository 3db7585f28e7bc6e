export interface StreamEvent {
  /** A number of ours: the reader sends the last one back when it comes again. */
  readonly id?: number;
  /** Of a closed alphabet: anything else would let a text become an event of its own. */
  readonly event: string;
  readonly data: unknown;
}

const EVENT = /^[a-z][a-z_.]{0,63}$/;

/** JSON writes no line break of its own, but leaves these two, which some readers take for one. */
const SEPARATORS = /[\u2028\u2029]/g;
const ESCAPED: Readonly<Record<string, string>> = { '\u2028': '\\u2028', '\u2029': '\\u2029' };

/** One event of a stream; whatever stands in its data, a reader sees one. */
export function encodeEvent({ id, event, data }: StreamEvent): string {
  if (!EVENT.test(event)) throw new TypeError('The name of an event is made of small letters, dots and underscores.');
  const line = JSON.stringify(data).replace(SEPARATORS, (found) => ESCAPED[found] ?? '');
  return `${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${line}\n\n`;
}

/** Nobody reads it; it shows that both ends are there. */
export const encodeHeartbeat = (): string => ':\n\n';

/** When a reader whose stream breaks off may come again. */
export const encodeRetry = (afterMs: number): string => `retry: ${Math.trunc(afterMs)}\n\n`;
