import { crashPoints } from './crash-points.js';
import { blockedLoop, frozenWorker } from './frozen-worker.js';
import { randomKills } from './random-kills.js';
import { flushed, redisFull, redisKilled, redisRestored, redisSwallows } from './redis-loss.js';
import type { Scenario } from './scenario.js';

export const ALL_SCENARIOS: readonly Scenario[] = [
  randomKills,
  crashPoints,
  blockedLoop,
  frozenWorker,
  redisKilled,
  flushed,
  redisRestored,
  redisFull,
  redisSwallows,
];
