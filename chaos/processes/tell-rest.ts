import { readdirSync } from 'node:fs';

/** What is about to go needs several. */
const COLLECTIONS = 3;

/** What this process holds, said whenever a signal asks for it. */
export function tellRest(): void {
  let count = 0;
  process.on('SIGUSR2', () => {
    for (let round = 0; round < COLLECTIONS; round += 1) void globalThis.gc?.();
    const { heapUsed, external } = process.memoryUsage();
    const timers = process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
    count += 1;
    const chaosRest = { count, heapBytes: heapUsed + external, timers, files: readdirSync('/proc/self/fd').length };
    process.stdout.write(`${JSON.stringify({ chaosRest })}\n`);
  });
}
