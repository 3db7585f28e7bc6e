import { parseArgs } from 'node:util';
import { LaunchError } from './launch-error.mjs';

export const HELP = `Usage: npm start [-- options]      installs, builds and starts FlowMate
       npm run dev [-- options]    the same, and reloads after every save

Options
  --help     shows this text
  --reset    deletes the data in .flowmate/ after asking, then ends
  --yes      with --reset: deletes without asking, for scripts

Settings come from the environment and from a file .env, the environment first:
  PORT           of the api (9000)
  WORKER_PORT    of the worker's health and metrics (9091)
  METRICS_PORT   of the api's metrics (9090)
  MONGODB_URI    of a MongoDB of your own; without it one starts here
  REDIS_URL      of a Redis of your own; without it one starts here

The stores that start here keep their data in .flowmate/stores and listen on 127.0.0.1 only. They are for
trying, developing and testing on one machine: no replica, no backup. FlowMate in production refuses them.
redis-server and mongod are used when they are installed; FLOWMATE_EMBEDDED_STORES=embedded says never.
`;

/**
 * @param {string[]} argv
 * @returns {{ help: boolean, reset: boolean, yes: boolean, watch: boolean }}
 */
export function readOptions(argv) {
  const flag = /** @type {const} */ ({ type: 'boolean', default: false });
  try {
    const { values } = parseArgs({ args: argv, options: { help: flag, reset: flag, yes: flag, watch: flag } });
    return values;
  } catch (error) {
    throw new LaunchError(`${/** @type {Error} */ (error).message}\n\n${HELP}`);
  }
}
