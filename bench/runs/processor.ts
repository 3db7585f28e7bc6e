import { createHash } from 'node:crypto';
import { median } from '../statistics.js';

const HASHES = 20_000;
const PIECES = 5;

/**
 * What a fixed piece of work takes on one core at this moment. A virtual machine shares its cores with others whom nobody
 * sees: figures of two measurements compare only as far as these do.
 */
export function processorMs(): number {
  const pieces = Array.from({ length: PIECES }, () => {
    const started = performance.now();
    let hash: Buffer = Buffer.alloc(64);
    for (let round = 0; round < HASHES; round += 1) hash = createHash('sha512').update(hash).digest();
    return performance.now() - started;
  });
  return median(pieces);
}
