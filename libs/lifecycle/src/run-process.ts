import { ProcessLife, type LifeOptions } from './process-life.js';
import type { ProcessPort } from './ports.js';
import { stderrLog } from './stderr-log.js';

export type ProcessOptions = Pick<LifeOptions, 'name' | 'start' | 'settingOfPort'> &
  Partial<Pick<LifeOptions, 'log' | 'shutdownTimeoutMs'>>;

/** Docker's grace is 10 s, Kubernetes' 30 s; whoever has more passes it on. */
const DEFAULT_SHUTDOWN_MS = 9_000;

/**
 * Runs this process: starts it, stops it in order when it is told to, and ends it when something happens
 * that nobody foresaw. Exit codes: 0 stopped as asked, 1 failed, or what the start's error says.
 */
export async function runProcess(options: ProcessOptions): Promise<void> {
  const port: ProcessPort = {
    pid: process.pid,
    isSupervised: process.send !== undefined,
    isConnected: () => process.connected,
    // The overloads of `process.on` differ in the listener only; ours takes the first argument of any event.
    on: (event, listener) => void process.on(event as 'uncaughtException', listener),
    exit: (code) => process.exit(code),
    kill: (pid, signal) => void process.kill(pid, signal),
    now: () => performance.now(),
  };
  const defaults = { log: stderrLog, shutdownTimeoutMs: DEFAULT_SHUTDOWN_MS };
  await new ProcessLife({ ...defaults, ...options }, port).run();
}
