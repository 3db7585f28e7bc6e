import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * @typedef {object} PortSetting
 * @property {string[]} variables    names of the setting, the first that is set counts
 * @property {number} fallback       the default, as in docs/configuration.md
 * @property {string} [enabledBy]    a boolean setting that, when false, leaves the port unused
 *
 * @typedef {object} ChildSpec
 * @property {string} name
 * @property {string} folder         its sources; a change elsewhere concerns every child
 * @property {string} entry          what the build makes of it
 * @property {PortSetting[]} ports   the first one serves the health path
 * @property {string} healthPath
 */

export const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/**
 * In the order of starting; stopping goes the other way, so that the api takes no new work before the
 * worker puts down what it has.
 * @type {readonly ChildSpec[]}
 */
export const CHILDREN = [
  {
    name: 'worker',
    folder: 'apps/worker',
    entry: 'dist/apps/worker/src/main.js',
    ports: [{ variables: ['WORKER_PORT'], fallback: 9091 }],
    healthPath: '/health/ready',
  },
  {
    name: 'api',
    folder: 'apps/api',
    entry: 'dist/apps/api/src/main.js',
    ports: [
      { variables: ['PORT', 'SERVER_PORT'], fallback: 9000 },
      { variables: ['METRICS_PORT'], fallback: 9090, enabledBy: 'ENABLE_METRICS' },
    ],
    healthPath: '/health/ready',
  },
];

/** The child whose address people want to know. */
export const FRONT = 'api';

/** The child whose port is for operators, and shows what the stores do. */
export const INSIDE = 'worker';
