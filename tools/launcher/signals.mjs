/**
 * One Ctrl-C arrives twice: from the terminal, which signals the whole foreground group, and from npm,
 * which forwards it. A second key press within the same second is taken for that echo.
 */
const ECHO_MS = 1_000;

/**
 * @param {object} wishes
 * @param {(signal: NodeJS.Signals) => void} wishes.stop    the first time
 * @param {() => void} [wishes.force]   a Ctrl-C that is certainly another one
 * @returns {() => void} stops listening
 */
export function onStopWish({ stop, force }) {
  /** @type {number | undefined} */
  let wishedAt;
  const hear = (/** @type {NodeJS.Signals} */ signal) => {
    if (wishedAt === undefined) {
      wishedAt = performance.now();
      stop(signal);
    } else if (signal === 'SIGINT' && performance.now() - wishedAt >= ECHO_MS) {
      force?.();
    }
  };
  const signals = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']);
  for (const signal of signals) process.on(signal, hear);
  return () => signals.forEach((signal) => process.off(signal, hear));
}
