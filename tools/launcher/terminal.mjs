import { LaunchError } from './launch-error.mjs';

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
/** Fast enough to look alive, slow enough to cost nothing. */
const FRAME_MS = 100;
const PROMPT_COLUMN = 6;
const CLEAR_LINE = '\r\u001b[2K';
/** ANSI: cyan, magenta, yellow, blue; a colour per child. */
const CHILD_COLOURS = [36, 35, 33, 34];

/**
 * @typedef {object} Terminal
 * @property {(text: string) => void} say
 * @property {(text: string) => void} complain
 * @property {(child: string, text: string, isError: boolean) => void} childLine
 * @property {<T>(doing: string, done: string, work: () => Promise<T>) => Promise<T>} step
 */

/** @param {number} ms */
export function duration(ms) {
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`;
}

/**
 * On a terminal a running step shows a line that counts the seconds; elsewhere it is two plain lines.
 * @param {{ out?: NodeJS.WriteStream, err?: NodeJS.WriteStream, env?: NodeJS.ProcessEnv }} [streams]
 * @returns {Terminal}
 */
export function createTerminal({ out = process.stdout, err = process.stderr, env = process.env } = {}) {
  // Whoever closed the other end wants no more text; that is no reason to leave children behind.
  for (const stream of [out, err]) stream.on('error', () => undefined);
  const isLive = out.isTTY && !env['CI'];
  const hasColours = isLive && !env['NO_COLOR'];
  const spinner = createSpinner(out);
  const write = (/** @type {NodeJS.WriteStream} */ stream, /** @type {string} */ text) => {
    spinner.hide();
    stream.write(`${text}\n`);
  };
  const paint = (/** @type {number} */ colour, /** @type {string} */ text) =>
    hasColours ? `\u001b[${colour}m${text}\u001b[39m` : text;
  /** @type {string[]} */
  const children = [];

  return {
    say: (text) => write(out, text),
    complain: (text) => write(err, paint(31, text)),
    childLine(child, text, isError) {
      if (!children.includes(child)) children.push(child);
      const colour = CHILD_COLOURS[children.indexOf(child) % CHILD_COLOURS.length] ?? 0;
      write(isError ? err : out, `${paint(colour, `${child.padEnd(PROMPT_COLUMN)} |`)} ${text}`);
    },
    async step(doing, done, work) {
      const started = performance.now();
      if (isLive) spinner.start(doing);
      else write(out, `${doing} …`);
      try {
        const result = await work();
        spinner.stop();
        write(out, `${done} in ${duration(performance.now() - started)}`);
        return result;
      } catch (error) {
        spinner.stop();
        write(out, `${doing}: gave up after ${duration(performance.now() - started)}`);
        throw error;
      }
    },
  };
}

/** @param {NodeJS.WriteStream} out */
function createSpinner(out) {
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  const hide = () => timer && out.write(CLEAR_LINE);
  return {
    hide,
    /** @param {string} label */
    start(label) {
      const started = performance.now();
      let frame = 0;
      timer = setInterval(() => {
        const seconds = Math.round((performance.now() - started) / 1_000);
        out.write(`${CLEAR_LINE}${FRAMES[frame % FRAMES.length]} ${label} ${seconds} s`);
        frame += 1;
      }, FRAME_MS);
    },
    stop() {
      hide();
      clearInterval(timer);
      timer = undefined;
    },
  };
}

/**
 * Runs a command of ours to its exit code; a foreseen failure is shown without a stack.
 * @param {Terminal} terminal
 * @param {AbortSignal} signal
 * @param {() => Promise<number>} work
 * @returns {Promise<number>}
 */
export async function exitCodeOf(terminal, signal, work) {
  try {
    return await work();
  } catch (error) {
    if (signal.aborted) return 0; // stopping was the wish; what it interrupted is no failure
    if (!(error instanceof LaunchError)) throw error;
    if (error.output) terminal.complain(error.output.trimEnd());
    terminal.complain(error.message);
    return error.exitCode;
  }
}
