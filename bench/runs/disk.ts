import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { timesOf, type Times } from './phases.js';

const SYNCS = 200;
const BYTES = 4_096;

/** What one commit to this disk takes: a run waits for five in a row. */
export function diskTimes(): Times {
  const folder = mkdtempSync(join(tmpdir(), 'flowmate-disk-'));
  const file = openSync(join(folder, 'commits'), 'w');
  const block = Buffer.alloc(BYTES, 'x');
  const times = Array.from({ length: SYNCS }, () => {
    const started = performance.now();
    writeSync(file, block);
    fdatasyncSync(file);
    return performance.now() - started;
  });
  closeSync(file);
  rmSync(folder, { recursive: true, force: true });
  return timesOf(times);
}
