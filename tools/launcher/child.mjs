import { spawn } from 'node:child_process';
import { signalGroup } from './orphans.mjs';
import { processIdentity } from './process-identity.mjs';

/** As many lines as a stack and what led to it; the whole output has been shown already. */
const LAST_LINES = 20;
/** Something a child started may hold its output open; the end of the child itself is what counts. */
const OUTPUT_GRACE_MS = 250;

/**
 * @typedef {{ code: number | null, signal: NodeJS.Signals | null }} Exit
 *
 * @typedef {object} Child
 * @property {string} name
 * @property {number | undefined} pid     undefined when it could not even be started
 * @property {string | null} identity
 * @property {string[]} lastLines
 * @property {AbortSignal} ended
 * @property {Promise<Exit>} exit
 * @property {(message: string) => void} send
 * @property {(listener: (message: any) => void) => void} onMessage   of what it says over its channel
 * @property {() => void} terminate
 * @property {() => void} kill
 */

/**
 * @param {object} options
 * @param {string} options.name
 * @param {string[]} options.command
 * @param {string} options.cwd
 * @param {Record<string, string | undefined>} options.env
 * @param {(text: string, isError: boolean) => void} options.onLine
 * @returns {Child}
 */
export function startChild({ name, command: [file = '', ...args], cwd, env, onLine }) {
  // A group of its own keeps the terminal's Ctrl-C away: the launcher stops the children, in order. The
  // channel closes when the launcher dies in any way, which tells the child to stop by itself.
  const process = spawn(file, args, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
  /** @type {string[]} */
  const lastLines = [];
  for (const [stream, isError] of /** @type {const} */ ([
    [process.stdout, false],
    [process.stderr, true],
  ])) {
    splitLines(stream, (text) => {
      lastLines.push(text);
      if (lastLines.length > LAST_LINES) lastLines.shift();
      onLine(text, isError);
    });
  }
  const ended = new AbortController();
  const signalAll = (/** @type {NodeJS.Signals} */ signal) => process.pid && signalGroup(process.pid, signal);
  const exit = new Promise((/** @type {(exit: Exit) => void} */ resolve) => {
    const finish = (/** @type {Exit} */ result) => {
      signalAll('SIGKILL'); // whatever it started goes with it
      ended.abort();
      resolve(result);
    };
    process.once('error', (error) => {
      lastLines.push(error.message);
      if (process.pid === undefined) finish({ code: null, signal: null });
    });
    process.once('exit', (code, signal) => {
      const late = setTimeout(() => finish({ code, signal }), OUTPUT_GRACE_MS);
      process.once('close', () => {
        clearTimeout(late);
        finish({ code, signal });
      });
    });
  });
  return {
    name,
    pid: process.pid,
    identity: process.pid ? processIdentity(process.pid) : null,
    lastLines,
    ended: ended.signal,
    exit,
    send: (message) => void process.send(message),
    onMessage: (listener) => void process.on('message', listener),
    terminate: () => signalAll('SIGTERM'),
    kill: () => signalAll('SIGKILL'),
  };
}

/**
 * @param {import('node:stream').Readable | null} stream
 * @param {(line: string) => void} onLine
 */
function splitLines(stream, onLine) {
  let rest = '';
  stream?.setEncoding('utf8').on('data', (text) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    lines.forEach(onLine);
  });
  stream?.on('close', () => rest && onLine(rest));
}
