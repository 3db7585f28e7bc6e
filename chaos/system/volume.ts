import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const PIECE_BYTES = 65_536;

/** A disk of its own that can be filled to the last byte. */
export class Volume {
  private readonly onExit = (): void => this.remove();

  private constructor(readonly folder: string) {
    process.once('exit', this.onExit);
  }

  /** Nothing where this may not be done. */
  static make(folder: string, megabytes: number): Volume | undefined {
    mkdirSync(folder, { recursive: true });
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'none', folder]);
    return mounted.status === 0 ? new Volume(folder) : undefined;
  }

  fill(): void {
    const file = openSync(join(this.folder, 'filler'), 'w');
    try {
      for (const piece of [PIECE_BYTES, 1]) while (isWritten(file, piece));
    } finally {
      closeSync(file);
    }
  }

  relieve(): void {
    rmSync(join(this.folder, 'filler'), { force: true });
  }

  remove(): void {
    process.off('exit', this.onExit);
    spawnSync('umount', ['--lazy', this.folder]);
  }
}

function isWritten(file: number, bytes: number): boolean {
  try {
    return writeSync(file, Buffer.alloc(bytes)) === bytes;
  } catch {
    return false; // it is full
  }
}
