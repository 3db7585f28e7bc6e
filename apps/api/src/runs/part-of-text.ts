import { RangeNotSatisfiableError } from './runs.errors.js';

export interface Part {
  readonly bytes: Buffer;
  /** `bytes 0-9/100`; absent for the whole. */
  readonly contentRange?: string;
}

/** RFC 9110: one range of bytes. Several at once, or another unit, may be ignored, and are. */
const RANGE = /^bytes=(\d{1,15})?-(\d{1,15})?$/;

/** What a reader asks for of a text. */
export function partOf(text: string, range: string | undefined): Part {
  const all = Buffer.from(text);
  const [, first, last] = RANGE.exec(range ?? '') ?? [];
  if (first === undefined && last === undefined) return { bytes: all };
  // Without a first byte the number is how many of the last ones.
  const start = first === undefined ? Math.max(0, all.length - Number(last)) : Number(first);
  const end = first === undefined || last === undefined ? all.length - 1 : Math.min(Number(last), all.length - 1);
  if (start >= all.length || start > end) throw new RangeNotSatisfiableError();
  return { bytes: all.subarray(start, end + 1), contentRange: `bytes ${start}-${end}/${all.length}` };
}
