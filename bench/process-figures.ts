import { readFileSync } from 'node:fs';

/** Linux counts the time of processes in hundredths of a second, whatever the kernel's own clock does. */
const TICKS_PER_SECOND = 100;

/** From /proc, which only Linux has: elsewhere the column stays empty, the rest of the bench works. */
function ofProcess(pid: number | undefined, file: string): string {
  return process.platform === 'linux' ? readFileSync(`/proc/${pid}/${file}`, 'utf8') : '';
}

export function cpuSeconds(pid: number | undefined): number {
  // The name in parentheses may hold spaces; after it, user and system time are fields 12 and 13.
  const fields = ofProcess(pid, 'stat')
    .replace(/^.*\) /s, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

export function memoryBytes(pid: number | undefined): number {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(ofProcess(pid, 'status')) ?? [];
  return Number(kilobytes) * 1_024;
}
