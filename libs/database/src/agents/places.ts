import { randomInt } from 'node:crypto';

/** Where nothing limits the number, two hardly ever meet. */
const MANY = 2 ** 47;

export const anyPlace = (): number => randomInt(MANY);

/**
 * One of the lowest free places, as many of which come into question as the limit still allows; `undefined`: none.
 *
 * Never one too many, whatever happens at once: as places are taken, those that come into question only become fewer,
 * so that who decides on old knowledge takes one that still does, or finds it taken.
 */
export function freePlace(taken: readonly number[], limit: number): number | undefined {
  const left = limit - taken.length;
  if (left <= 0) return undefined;
  // Not always the first, or everybody who comes at once would want the same.
  let skip = randomInt(left);
  const isTaken = new Set(taken);
  for (let place = 0; ; place += 1) {
    if (isTaken.has(place)) continue;
    if (skip === 0) return place;
    skip -= 1;
  }
}
