import { fold, type Run } from '@flowmate/domain';

/** When a worker was killed, by the names under which it took runs. */
export interface Killed {
  readonly names: readonly string[];
  readonly at: number;
}

export interface Resume {
  /** From the kill of the worker that had it. */
  readonly ms: number;
  /** From the last kill of any worker before it: who was about to take the run over may have been killed as well. */
  readonly sinceLastMs: number;
  readonly runId: string;
  /** In how many workers in a row it was when they were killed; one that was in two waits until it may be alone. */
  readonly crashes: number;
}

/** From each kill to the moment at which another worker had the run: all processes have the clock of this machine. */
export function resumesOf(runs: readonly Run[], killed: readonly Killed[]): Resume[] {
  const kills = new Map(killed.flatMap(({ names, at }) => names.map((name) => [name, at] as const)));
  return runs.flatMap(({ id: runId, journal }) =>
    journal.flatMap((entry, index) => {
      if (entry.type !== 'run.resumed' || entry.data.cause !== 'takeover') return [];
      const at = kills.get(entry.data.from ?? '');
      if (at === undefined) return [];
      const last = Math.max(at, ...killed.map((kill) => kill.at).filter((moment) => moment < entry.at));
      const { crashes } = fold(journal.slice(0, index + 1));
      return [{ ms: entry.at - at, sinceLastMs: entry.at - last, runId, crashes }];
    }),
  );
}

/** After so many crashes in a row a run waits until it may be alone in its worker. */
const ALONE = 2;

const maxOf = (values: readonly number[]): string => seconds(percentile(values, 1));

/** A bell that a worker took into its grave is rung again when its lock is over: from then on, not from the first kill. */
export function takeovers(all: readonly Resume[]): { readonly figures: string; readonly longestMs: number } {
  const alone = all.filter(({ crashes }) => crashes >= ALONE);
  const counted = all.filter(({ crashes }) => crashes < ALONE);
  const quiet = counted.filter(({ ms, sinceLastMs }) => ms === sinceLastMs).map(({ ms }) => ms);
  const ms = all.map((resume) => resume.ms);
  const longestMs = percentile(
    counted.map(({ sinceLastMs }) => sinceLastMs),
    1,
  );
  const figures = [
    `${all.length} takeovers: p50 ${seconds(percentile(ms, 0.5))}, p95 ${seconds(percentile(ms, 0.95))}, max ${maxOf(ms)}`,
    `${quiet.length} with no other kill meanwhile: max ${maxOf(quiet)}`,
    `${alone.length} had to be alone: max ${maxOf(alone.map((resume) => resume.ms))}`,
    `after the last kill before it at most ${seconds(longestMs)}`,
  ];
  return { figures: figures.join(', '), longestMs };
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export const seconds = (ms: number): string => (Number.isNaN(ms) ? '-' : `${(ms / 1_000).toFixed(1)} s`);

/** How the runs ended, counted. */
export function ends(runs: readonly Run[]): string {
  const counts = new Map<string, number>();
  for (const { head } of runs) {
    const word = [head.status, head.reason ?? head.code].filter(Boolean).join(':');
    counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return [...counts].map(([word, count]) => `${word} ${count}`).join(', ');
}
