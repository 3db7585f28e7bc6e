import type { IdempotencyClass, Risk } from '@flowmate/domain';
import type { z } from 'zod';

/**
 * What a tool does to the world, and what may be done when nobody knows whether it did. A tool that changes something
 * and names no class does not compile, nor one of class B that does not say when its marker must have shown.
 */
export type ToolEffects =
  | { readonly risk: 'read'; readonly class: 'R'; readonly settleMs?: undefined }
  | { readonly risk: Exclude<Risk, 'read'>; readonly class: 'A' | 'C'; readonly settleMs?: undefined }
  | {
      readonly risk: Exclude<Risk, 'read'>;
      readonly class: 'B';
      /** How long after it can last have been sent a call may still show up: at least twice the timeout. */
      readonly settleMs: number;
    };

export interface ToolDescription<A> {
  /** Such as `http.get`. Stable: agents name it. */
  readonly id: string;
  readonly title: string;
  /** For the model. */
  readonly description: string;
  /** What a connection must allow; none for tools that need no account. */
  readonly scopes: readonly string[];
  /** A strict object: a key that it does not know is refused. */
  readonly args: z.ZodType<A>;
  readonly timeoutMs: number;
  /** Needed where `timeoutMs` is longer than tools usually get. */
  readonly slowBecause?: string;
  readonly outputBytes: number;
}

export type ToolManifest<A = unknown> = ToolDescription<A> & ToolEffects;

/** What holds for one call. */
export interface ToolTraits {
  readonly risk: Risk;
  readonly class: IdempotencyClass;
}

export interface ToolContext {
  readonly workspaceId: string;
  readonly agentId: string;
  readonly runId: string;
  /** The same at every try of the same call. */
  readonly key: string;
  readonly signal: AbortSignal;
  readonly correlationId: string;
}

/** Where a text came from: `untrusted` from outside, `private` from the workspace, `plain` from ourselves. */
export type OutputLabel = 'untrusted' | 'private' | 'plain';

export interface ToolOutput {
  readonly text: string;
  readonly isTruncated?: boolean;
  readonly label: OutputLabel;
}

/**
 * One capability. `run` rejects with a `ToolFailure`; whatever else it throws counts as unknown. What it needs from
 * the world is handed to whoever makes it, never through the arguments.
 */
export interface Tool<A = unknown> {
  readonly manifest: ToolManifest<A>;
  /** What holds for these very arguments: never more than the manifest says. */
  traitsOf?(args: A): ToolTraits;
  run(args: A, context: ToolContext): Promise<ToolOutput>;
  /** Class B: looks for the marker of `context.key`. Undefined when the call cannot be found (yet). */
  reconcile?(args: A, context: ToolContext): Promise<ToolOutput | undefined>;
}

/** What holds for this call: of its arguments where the tool tells them apart, else of its manifest. */
export function traitsOf<A>(tool: Tool<A>, args: A): ToolTraits {
  const { risk, class: idempotency } = tool.traitsOf?.(args) ?? tool.manifest;
  return { risk, class: idempotency };
}
