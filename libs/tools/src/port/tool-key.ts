import { createHash } from 'node:crypto';
import { canonicalJson } from './canonical-json.js';
import { toolSchema } from './tool-schema.js';
import type { ToolManifest } from './tool.js';

export interface CallIdentity {
  readonly runId: string;
  readonly step: number;
  /** Tells the calls of one step apart. */
  readonly call: number | string;
  readonly tool: string;
  /** As `parseArgs` answered them. */
  readonly args: unknown;
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** The idempotency key of a call: the same for the same call of the same run, and for no other. */
export function toolKey({ runId, step, call, tool, args }: CallIdentity): string {
  return sha256(canonicalJson([runId, step, call, tool, args]));
}

const hashes = new WeakMap<ToolManifest, string>();

/** Tells whether a tool is still what it was when somebody allowed it. */
export function manifestHash(manifest: ToolManifest): string {
  const known = hashes.get(manifest);
  if (known !== undefined) return known;
  const { args: _args, ...said } = manifest;
  const hash = sha256(canonicalJson({ ...said, args: toolSchema(manifest) }));
  hashes.set(manifest, hash);
  return hash;
}
