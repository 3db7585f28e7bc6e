import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** What is about to go needs several. */
const COLLECTIONS = 3;

/** Where in a line of the kernel's table of connections the other side stands, and where the socket's number. */
const REMOTE = 2;
const INODE = 9;

/** A pool of connections to the store grows with the largest crowd that ever was, up to its size, and keeps them. */
function isOfStore(): (descriptor: string) => boolean {
  const port = Number(new URL(process.env['MONGODB_URI'] ?? 'mongodb://none').port);
  const rows = readFileSync('/proc/self/net/tcp', 'utf8').split('\n');
  const fields = rows.map((row) => row.trim().split(/\s+/));
  const ours = fields.filter((row) => Number.parseInt(row[REMOTE]?.split(':')[1] ?? '', 16) === port);
  const names = new Set(ours.map((row) => `socket:[${row[INODE]}]`));
  return (descriptor) => {
    try {
      return names.has(readlinkSync(`/proc/self/fd/${descriptor}`));
    } catch {
      return true; // that was of the look itself
    }
  };
}

/** What this process holds, said whenever a signal asks for it. */
export function tellRest(): void {
  let count = 0;
  process.on('SIGUSR2', () => {
    for (let round = 0; round < COLLECTIONS; round += 1) void globalThis.gc?.();
    const { heapUsed, external } = process.memoryUsage();
    const timers = process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
    const isPooled = isOfStore();
    const files = readdirSync('/proc/self/fd').filter((descriptor) => !isPooled(descriptor)).length;
    count += 1;
    const chaosRest = { count, heapBytes: heapUsed + external, timers, files };
    process.stdout.write(`${JSON.stringify({ chaosRest })}\n`);
  });
}
