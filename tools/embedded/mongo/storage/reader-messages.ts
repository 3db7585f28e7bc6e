import { decode, Doc, encode, MongoError, type Value } from '../semantics/index.ts';
import type { Request } from './jobs.ts';
import type { BatchLimits, ScanReport } from './types.ts';

/** What goes to the reader thread. Documents travel as BSON: their classes would not survive the way. */
export type Order =
  | { readonly kind: 'open'; readonly id: number; readonly request: Uint8Array }
  | { readonly kind: 'next'; readonly id: number; readonly limits: BatchLimits }
  | { readonly kind: 'close'; readonly id: number };

export interface Failure {
  readonly code: number;
  readonly message: string;
}

export interface Answer {
  readonly id: number;
  readonly documents: readonly Uint8Array[];
  readonly done: boolean;
  readonly failure?: Failure;
  readonly report?: ScanReport;
}

export function packRequest({ kind, query }: Request): Buffer {
  const fields = Object.entries(query).filter((entry): entry is [string, Value] => entry[1] !== undefined);
  return encode(new Doc([['kind', kind], ...fields]));
}

export function unpackRequest(bytes: Uint8Array): Request {
  const { kind, ...query } = Object.fromEntries(decode(bytes));
  return { kind, query } as unknown as Request; // the fields are those that were packed
}

export const failureOf = (error: unknown): Failure =>
  error instanceof MongoError
    ? { code: error.code, message: error.message }
    : { code: 1, message: error instanceof Error ? error.message : String(error) };
