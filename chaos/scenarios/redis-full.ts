import { join } from 'node:path';
import { RedisServer } from '../system/redis-server.js';
import type { System } from '../system/system.js';
import { Volume } from '../system/volume.js';
import { target } from './load.js';
import { Callers, live, ROOMY, statuses, type Outage } from './outages.js';
import { ends, seconds } from './resumes.js';
import { bound, inSystem, type Context, type Outcome, type Scenario } from './scenario.js';

/** B4. */
const RUNG_AGAIN_MS = 15_000;
/** Half a minute in the table; the shape of it is there after eight seconds. */
const FULL_MS = 8_000;
const BACKLOG = '60';

/** Redis refuses to write for a while: runs are accepted until too many wait. */
async function full(system: System, outage: Pick<Outage, 'begin' | 'end'>): Promise<Outcome> {
  const variables = { BACKLOG_MAX: BACKLOG };
  const [, , ...apis] = await Promise.all([
    system.worker({ variables: ROOMY }),
    system.worker({ variables: ROOMY }),
    system.api({ variables }),
    system.api({ variables }),
  ]);
  const callers = new Callers(apis, await target(system));
  const { answers, begunAfterMs, checked } = await live(system, callers, { ...outage, ms: FULL_MS });
  const isClosed = answers.every(({ status, code }) => status === 202 || (status === 503 && code !== undefined));
  return {
    figures: `full ${FULL_MS / 1_000} s: ${statuses(answers)}; waiting runs began ≤ ${seconds(begunAfterMs)} after; ${callers.ids.length} runs, lost ${checked.lost}; ${ends(checked.runs)}`,
    violations: [
      ...checked.violations,
      ...bound(isClosed, `other answers than 202 and 503: ${statuses(answers)}`),
      ...bound(!(begunAfterMs > RUNG_AGAIN_MS), `a run began ${seconds(begunAfterMs)} after there was room`),
    ],
  };
}

export const redisFull: Scenario = {
  id: 'F12',
  title: 'Redis has no memory left',
  run: (context) =>
    inSystem(context, (system) => {
      const { redis } = context.stores;
      return full(system, {
        begin: () => redis.send('CONFIG', 'SET', 'maxmemory', '1'),
        end: () => redis.send('CONFIG', 'SET', 'maxmemory', '0'),
      });
    }),
};

/** Room for the commands of a minute. */
const VOLUME_MB = 64;

/** A Redis of its own, whose log of commands is on a disk that is filled. */
async function onFullDisk(context: Context): Promise<Outcome> {
  const { folder } = context.stores;
  const volume = Volume.make(join(folder, 'volume'), VOLUME_MB);
  if (!volume) throw new Error('A volume cannot be mounted here.');
  const redis = await RedisServer.make(join(folder, 'redis-on-volume.log'), join(volume.folder, 'redis'));
  try {
    let refusal = '';
    const outcome = await inSystem({ ...context, stores: { ...context.stores, redis } }, (system) =>
      full(system, {
        begin: () => volume.fill(),
        end: async () => {
          refusal = await redis.send('SET', 'chaos', 'x');
          volume.relieve();
        },
      }),
    );
    const isFull = refusal.startsWith('-MISCONF');
    const more = bound(isFull, `Redis did not refuse to write: ${refusal.trim()}`);
    return { ...outcome, violations: [...outcome.violations, ...more] };
  } finally {
    await redis.kill();
    volume.remove();
  }
}

export const volumeFull: Scenario = {
  id: 'F21',
  title: 'the volume of Redis is full',
  unable: () => (process.getuid?.() === 0 ? undefined : 'only root may mount a volume'),
  run: onFullDisk,
};
