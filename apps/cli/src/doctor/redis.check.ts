import { setTimeout as delay } from 'node:timers/promises';
import { AppEnv, ConfigError, RedisEnv } from '@flowmate/config';
import { Redis } from '@flowmate/redis';
import { fail, misconfigured, ok, skipped, warn, type Finding } from './finding.js';
import { ListeningLog } from './listening-log.js';
import { settingsOf } from './settings.check.js';

/** A Redis answers in a millisecond; one across an ocean, with TLS, within this. */
const PATIENCE_MS = 3_000;
const SET_POLICY = 'Set its maxmemory-policy to noeviction: CONFIG SET maxmemory-policy noeviction, and in its file.';

/** Redis: there, and one that throws no job away. */
export async function checkRedis(signal: AbortSignal): Promise<Finding[]> {
  const env = settingsOf([AppEnv, RedisEnv]);
  if (!env) return [skipped('redis', 'its settings have to be mended first')];
  const log = new ListeningLog();
  let redis: Redis | undefined;
  try {
    redis = new Redis({ app: env.get(AppEnv), settings: env.get(RedisEnv), logger: log.logger });
    await Promise.race([redis.connect(), delay(PATIENCE_MS, undefined, { signal, ref: false })]);
    return [await judge(redis, log)];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const rules = error.problems.map(({ name, rule }) => `${name}: ${rule}`).join('; ');
    const isEvicting = redis?.isEvicting === true;
    return [misconfigured('redis', rules, isEvicting ? SET_POLICY : 'docs/deployment.md tells which Redis it takes.')];
  } finally {
    await redis?.close();
  }
}

async function judge(redis: Redis, log: ListeningLog): Promise<Finding> {
  if (redis.state === 'absent')
    return fail('redis', 'REDIS_URL is not set', 'Set it; `npm start` brings one of its own.');
  if (redis.state !== 'connected')
    return fail('redis', log.reason ?? 'does not answer', 'Start it, or mend REDIS_URL.');
  const { ms } = await redis.ping();
  const { version = 'unknown', evictionPolicy, isEmbedded } = redis.fitness;
  const says = `version ${version}, answers in ${ms.toFixed(1)} ms`;
  if (redis.isEvicting)
    return fail('redis', `throws keys away when its memory is full (${evictionPolicy}): jobs can be lost`, SET_POLICY);
  if (evictionPolicy === undefined)
    return warn('redis', `${says}, and does not tell its policy`, 'Make sure that its maxmemory-policy is noeviction.');
  return ok('redis', `${says}, ${isEmbedded ? 'the embedded one of npm start: not for production' : 'keeps all keys'}`);
}
