import { existsSync, readFileSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';

/** One call that came in. What was executed is an effect; a repeat of a key, a read and a refusal are not. */
export interface LedgerCall {
  readonly at: string;
  readonly method: string;
  readonly path: string;
  readonly key: string | null;
  readonly bodySha256: string;
  readonly mode: string;
  readonly isExecuted: boolean;
}

/** Calls on disk, in the order in which they came. Many that come at once share one commit. */
export class EffectLog {
  readonly calls: LedgerCall[];
  private waiting: Array<{ line: string; done: () => void; failed: (error: unknown) => void }> = [];
  private writing: Promise<void> | undefined;

  private readonly file: FileHandle;

  private constructor(file: FileHandle, known: LedgerCall[]) {
    this.file = file;
    this.calls = known;
  }

  /** Goes on with what a process before left; half a line of one that was killed was never answered. */
  static async open(path: string): Promise<EffectLog> {
    const lines = existsSync(path) ? readFileSync(path, 'utf8').split('\n').slice(0, -1) : [];
    const log = new EffectLog(
      await open(path, 'a'),
      lines.map((line) => JSON.parse(line) as LedgerCall),
    );
    await log.mendEnd(path);
    return log;
  }

  /** Counts at once, so that of two at once the second sees the first; resolves when it is on disk. */
  append(call: LedgerCall): Promise<void> {
    this.calls.push(call);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.waiting.push({ line: `${JSON.stringify(call)}\n`, done: resolve, failed: reject });
    this.writing ??= this.writeAll();
    return promise;
  }

  async close(): Promise<void> {
    await this.writing;
    await this.file.close();
  }

  private async writeAll(): Promise<void> {
    while (this.waiting.length > 0) {
      const batch = this.waiting;
      this.waiting = [];
      try {
        await this.file.appendFile(batch.map(({ line }) => line).join(''));
        await this.file.datasync();
        for (const { done } of batch) done();
      } catch (error) {
        for (const { failed } of batch) failed(error);
      }
    }
    this.writing = undefined;
  }

  private async mendEnd(path: string): Promise<void> {
    const text = readFileSync(path);
    await this.file.truncate(text.lastIndexOf(10) + 1);
  }
}
