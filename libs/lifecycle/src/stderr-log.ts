import { writeSync } from 'node:fs';
import type { ProcessLog } from './ports.js';

const STDERR = 2;

/** The log until there is a configured one: plain lines for whoever started the process. */
export const stderrLog: ProcessLog = {
  info: () => undefined,
  fatal: (message, error) => {
    const reason = error instanceof Error ? `: ${error.stack ?? error.message}` : '';
    writeSync(STDERR, `${message}${reason}\n`);
  },
  flush: () => Promise.resolve(true),
};
