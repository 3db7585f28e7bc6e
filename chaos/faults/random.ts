/** The same numbers for the same seed (mulberry32): a run that found something can be repeated. */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export const between = (next: () => number, [least, most]: readonly [number, number]): number =>
  least + next() * (most - least);

export function oneOf<T>(next: () => number, all: readonly T[]): T | undefined {
  return all[Math.floor(next() * all.length)];
}
