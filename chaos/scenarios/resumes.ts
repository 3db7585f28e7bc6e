import { fold, type Run } from '@flowmate/domain';

/** When a worker was killed, by the names under which it took runs. */
export interface Killed {
  readonly names: readonly string[];
  readonly at: number;
}

export interface Resume {
  readonly ms: number;
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
      return at === undefined ? [] : [{ ms: entry.at - at, runId, crashes: fold(journal.slice(0, index + 1)).crashes }];
    }),
  );
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
