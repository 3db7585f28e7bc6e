/** One row: what is sent, and the exact answer. The runner adds what holds for every answer. */
export interface AbuseCase {
  readonly id: string;
  readonly name: string;
  readonly request: {
    readonly method?: string;
    readonly path?: string;
    readonly headers?: Record<string, string>;
    readonly body?: string | Buffer;
    readonly isChunked?: boolean;
  };
  readonly status: number;
  /** The stable code of the problem; absent where the answer is no problem. */
  readonly code?: string;
  /** `errors[].path` and `errors[].rule`, where both matter. */
  readonly issue?: { readonly path: string; readonly rule: string };
  /** Headers that must be so, or (null) must not be there. */
  readonly headers?: Readonly<Record<string, string | RegExp | null>>;
}

/** Stands in every bad value; must come back in no answer and no log line. */
export const CANARY = 'canary5e1d9b';
