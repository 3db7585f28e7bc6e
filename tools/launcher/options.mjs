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
