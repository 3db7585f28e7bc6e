import { write, writeSync } from 'node:fs';

/** Where finished lines go. Each call is one line with its line break. */
export interface LogDestination {
  write(line: string): void;
}

/** 4 MB hold about 10,000 lines: a reader that stalls for a second at full load loses nothing. */
const MAX_QUEUED_CHARS = 4 * 1_024 * 1_024;
/** A pipe that is full answers EAGAIN; by then its reader had no time yet. */
const RETRY_MS = 50;
/** How long a write may take before we say that the reader hangs. A pipe takes 64 KB in microseconds. */
const STUCK_MS = 200;
/** Ten tries of 10 ms each at the very end, when nothing may be awaited any more. */
const LAST_TRIES = 10;
const LAST_TRY_MS = 10;

/**
 * Writes log lines to a file descriptor without ever making a caller wait: lines of one turn of the event
 * loop go out in one asynchronous write. What cannot be written (disk full, reader gone or stalled) is
 * counted and forgotten; the process goes on.
 */
export class LogSink implements LogDestination {
  private queue = '';
  private queuedLines = 0;
  private droppedLines = 0;
  private unreported = 0;
  private scheduled = false;
  private writingSince: number | undefined;
  /** A write failed in the middle of a line; the next one must begin on a line of its own. */
  private torn = false;
  private readonly idle = new Set<() => void>();

  /** `onRecovered` hears how many lines were lost, once lines can be written again. */
  constructor(
    private readonly fd: number,
    private readonly onRecovered: (lost: number) => void = () => undefined,
  ) {
    process.once('exit', () => this.flushSync());
  }

  get dropped(): number {
    return this.droppedLines;
  }

  write(line: string): void {
    if (this.queue.length + line.length > MAX_QUEUED_CHARS) {
      this.drop(1);
      return;
    }
    this.queue += line;
    this.queuedLines += 1;
    if (this.scheduled || this.writingSince !== undefined) return;
    this.scheduled = true;
    setImmediate(() => this.pump());
  }

  /** Resolves with true once all lines are out, with false when that takes longer than the limit. */
  async flush(limitMs: number): Promise<boolean> {
    if (this.isIdle()) return true;
    return new Promise((resolve) => {
      const finish = (done: boolean): void => {
        clearTimeout(timer);
        this.idle.delete(succeed);
        resolve(done);
      };
      const succeed = (): void => finish(true);
      const timer = setTimeout(() => finish(false), limitMs);
      this.idle.add(succeed);
    });
  }

  /** The last chance, in the process's `exit` event. Gives up at once when the reader hangs. */
  flushSync(): void {
    const stuck = this.writingSince !== undefined && performance.now() - this.writingSince > STUCK_MS;
    let rest = stuck ? Buffer.alloc(0) : Buffer.from(this.take().text);
    for (let tries = 0; rest.length > 0 && tries < LAST_TRIES; tries += 1) {
      try {
        rest = rest.subarray(writeSync(this.fd, rest));
      } catch (error) {
        if (!isBusy(error)) return;
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LAST_TRY_MS);
      }
    }
  }

  private pump(): void {
    this.scheduled = false;
    if (this.writingSince !== undefined || this.queue === '') return;
    const { text, lines } = this.take();
    this.writeOut(Buffer.from(this.torn ? `\n${text}` : text), lines);
  }

  private take(): { text: string; lines: number } {
    const taken = { text: this.queue, lines: this.queuedLines };
    this.queue = '';
    this.queuedLines = 0;
    return taken;
  }

  private writeOut(bytes: Buffer, lines: number): void {
    this.writingSince = performance.now();
    write(this.fd, bytes, 0, bytes.length, null, (error, written) => {
      if (isBusy(error)) {
        setTimeout(() => this.writeOut(bytes, lines), RETRY_MS);
      } else if (error) {
        this.finishWrite(lines);
      } else if (written < bytes.length) {
        this.torn = true;
        this.writeOut(bytes.subarray(written), lines);
      } else {
        this.torn = false;
        this.finishWrite(0);
      }
    });
  }

  private finishWrite(lost: number): void {
    this.writingSince = undefined;
    if (lost > 0) this.drop(lost);
    else if (this.unreported > 0) {
      const count = this.unreported;
      this.unreported = 0;
      this.onRecovered(count);
    }
    if (this.queue !== '') this.pump();
    else for (const done of this.idle) done();
  }

  private drop(lines: number): void {
    this.droppedLines += lines;
    this.unreported += lines;
  }

  private isIdle(): boolean {
    return this.queue === '' && this.writingSince === undefined;
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'EAGAIN' || error.code === 'EBUSY');
}
