import { killedApi, stoppedApi } from './api-loss.js';
import { logFull, manyBells, poisonRun, terminated, unhandledRejection } from './bad-runs.js';
import { notHere, soak, wrongClocks } from './clocks-and-faults.js';
import { crashPoints } from './crash-points.js';
import { crowd } from './crowd.js';
import { blockedLoop, frozenWorker } from './frozen-worker.js';
import {
  cutAnswers,
  failingTools,
  garbage,
  modelDown,
  refusals,
  serverErrors,
  silence,
  tooMany,
  unansweredTools,
} from './providers.js';
import { randomKills } from './random-kills.js';
import { redisFull, volumeFull } from './redis-full.js';
import { packetsDropped, redisSlow, redisSwallows } from './redis-links.js';
import { flushed, redisKilled, redisRestored } from './redis-loss.js';
import type { Scenario } from './scenario.js';
import { slowReaders } from './slow-readers.js';
import { storeDown, storeSlow, toolsOnly, wireCut, writesUnanswered } from './store-loss.js';
import { unreachable } from './unreachable.js';

/** A stepdown and a rollback need several members. */
const ONE_NODE = 'needs a replica set of three; this store is one node';

export const ALL_SCENARIOS: readonly Scenario[] = [
  randomKills,
  crashPoints,
  poisonRun,
  blockedLoop,
  frozenWorker,
  terminated,
  killedApi,
  stoppedApi,
  redisKilled,
  flushed,
  redisRestored,
  redisFull,
  redisSwallows,
  redisSlow,
  notHere('F16', 'stepdown of the primary', ONE_NODE),
  notHere('F17', 'SIGKILL of the primary, which comes back', ONE_NODE),
  storeDown,
  writesUnanswered,
  wireCut,
  storeSlow,
  volumeFull,
  logFull,
  tooMany,
  serverErrors,
  refusals,
  silence,
  cutAnswers,
  garbage,
  modelDown,
  failingTools,
  unansweredTools,
  unreachable,
  wrongClocks,
  packetsDropped,
  toolsOnly,
  manyBells,
  slowReaders,
  crowd,
  unhandledRejection,
  soak,
];
