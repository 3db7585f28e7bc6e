import { createHash } from 'node:crypto';

/** A Lua script; what it does happens at once or not at all. */
export interface RedisScript {
  readonly lua: string;
  readonly sha: string;
}

/** Redis knows scripts by the SHA-1 of their text. */
export const redisScript = (lua: string): RedisScript => ({ lua, sha: createHash('sha1').update(lua).digest('hex') });

/** Redis was restarted or flushed since the script was last sent. */
export const isUnknownScript = (error: unknown): boolean =>
  String((error as { message?: unknown } | null)?.message).startsWith('NOSCRIPT');
