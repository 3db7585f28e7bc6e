import { median } from '../statistics.js';

export interface Rate {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
}

/** Does the same thing again and again, so many at a time, until the time is over. */
export async function rateOf(
  { seconds, inFlight }: { seconds: number; inFlight: number },
  act: (turn: number) => Promise<unknown>,
): Promise<Rate> {
  const took: number[] = [];
  const started = performance.now();
  const until = started + seconds * 1_000;
  let turn = 0;
  const lane = async (): Promise<void> => {
    for (let before = performance.now(); before < until; before = performance.now()) {
      await act(turn++);
      took.push(performance.now() - before);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, lane));
  const elapsed = (performance.now() - started) / 1_000;
  const sorted = took.sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.floor(sorted.length * share)] ?? Number.NaN;
  return { perSecond: took.length / elapsed, p50Ms: at(0.5), p95Ms: at(0.95) };
}

/** Medians of the rounds, figure by figure. */
export function middle(rounds: readonly Rate[]): Rate {
  const of = (pick: (rate: Rate) => number): number => median(rounds.map(pick));
  return { perSecond: of((r) => r.perSecond), p50Ms: of((r) => r.p50Ms), p95Ms: of((r) => r.p95Ms) };
}
