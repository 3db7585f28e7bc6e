import { manyBells, poisonRun, terminated, unhandledRejection } from './bad-runs.js';
import { crashPoints } from './crash-points.js';
import { blockedLoop, frozenWorker } from './frozen-worker.js';
import { randomKills } from './random-kills.js';
import { flushed, redisFull, redisKilled, redisRestored, redisSwallows } from './redis-loss.js';
import type { Scenario } from './scenario.js';
import { storeDown, storeSlow, toolsOnly, wireCut, writesUnanswered } from './store-loss.js';

export const ALL_SCENARIOS: readonly Scenario[] = [
  randomKills,
  crashPoints,
  poisonRun,
  blockedLoop,
  frozenWorker,
  terminated,
  redisKilled,
  flushed,
  redisRestored,
  redisFull,
  redisSwallows,
  storeDown,
  writesUnanswered,
  wireCut,
  storeSlow,
  toolsOnly,
  manyBells,
  unhandledRejection,
];
