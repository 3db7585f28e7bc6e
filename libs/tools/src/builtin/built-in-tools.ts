import type { EgressClient } from '@flowmate/egress';
import type { Tool, ToolManifest } from '../port/tool.js';
import { httpGet, httpGetManifest } from './http-get.tool.js';
import { httpRequest, httpRequestManifest } from './http-request.tool.js';
import { memoryGet, memoryGetManifest } from './memory-get.tool.js';
import { memorySet, memorySetManifest } from './memory-set.tool.js';
import type { MemoryPort } from './memory.js';
import { notifyEmail, notifyEmailManifest, type NoticePort } from './notify-email.tool.js';
import { timeNow, timeNowManifest } from './time-now.tool.js';

export interface BuiltInParts {
  /** Must know no trusted origins: its addresses come from models. */
  readonly client: EgressClient;
  /** Origins of which the operator knows that they honour the header `Idempotency-Key`. */
  readonly keyedOrigins: readonly string[];
  readonly memories: MemoryPort;
  readonly notices: NoticePort;
}

/** For who shows and checks tools and runs none. */
export const BUILT_IN_MANIFESTS: readonly ToolManifest[] = [
  httpGetManifest,
  httpRequestManifest,
  timeNowManifest,
  memoryGetManifest,
  memorySetManifest,
  notifyEmailManifest,
];

/** The tools that need no account. */
export function builtInTools({ client, keyedOrigins, memories, notices }: BuiltInParts): readonly Tool[] {
  return [
    httpGet(client),
    httpRequest({ client, keyedOrigins }),
    timeNow(),
    memoryGet(memories),
    memorySet(memories),
    notifyEmail(notices),
  ];
}
