/** A minute: longer, proxies and browsers give up. */
const MAX_WAIT_SECONDS = 60;
/** RFC 7240, as far as it is about waiting. */
const WAIT = /(?:^|[,;]\s*)wait\s*=\s*"?(\d{1,6})"?\s*(?:[,;]|$)/i;

/** How long a caller would wait for an end; `undefined` when he would not. What is no preference is none. */
export function waitSecondsOf(prefer: string | readonly string[] | undefined): number | undefined {
  const [, seconds] = WAIT.exec([prefer ?? ''].flat().join(', ')) ?? [];
  return seconds === undefined ? undefined : Math.min(Number(seconds), MAX_WAIT_SECONDS);
}
