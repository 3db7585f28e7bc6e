import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const KIB = 1024;

/** Memory that a process really holds, or undefined when it is gone. */
export function residentBytes(pid: number): number | undefined {
  try {
    const text =
      process.platform === 'linux'
        ? /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
        : execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' }).trim();
    return text ? Number(text) * KIB : undefined;
  } catch {
    return undefined; // it has just ended
  }
}
