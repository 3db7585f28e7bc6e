/** Every way in which a tool call ends without an output, in words that stay. */
export const TOOL_FAILURE_CODES = [
  'approval_required',
  'loop_detected',
  'tool_aborted',
  'tool_args_invalid',
  'tool_failed',
  'tool_not_granted',
  'tool_output_invalid',
  'tool_scope_denied',
  'tool_timeout',
  'tool_unknown',
  'tool_unreachable',
  'tool_url_blocked',
] as const;
export type ToolFailureCode = (typeof TOOL_FAILURE_CODES)[number];

/** `none`: it certainly did not happen. `ambiguous`: bytes may have left and no definite answer came. */
export type ToolEffect = 'none' | 'ambiguous';

export interface ToolFailureOptions {
  readonly effect?: ToolEffect;
  /** The same call may go well a little later. */
  readonly isTransient?: boolean;
  /** Not earlier than that, as the other side asked. */
  readonly retryAfterMs?: number | undefined;
  readonly cause?: unknown;
}

/**
 * A tool call that ended without an output. The message is for the model: it says what to do, and never holds a secret
 * or words of somebody outside. No `DomainError`: the run goes on.
 */
export class ToolFailure extends Error {
  override readonly name = 'ToolFailure';
  readonly effect: ToolEffect;
  readonly isTransient: boolean;
  readonly retryAfterMs: number | undefined;

  constructor(
    readonly code: ToolFailureCode,
    message: string,
    options: ToolFailureOptions = {},
  ) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.effect = options.effect ?? 'none';
    this.isTransient = options.isTransient ?? false;
    this.retryAfterMs = options.retryAfterMs;
  }
}
