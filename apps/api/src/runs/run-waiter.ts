import { Injectable } from '@nestjs/common';
import { RunReader, type RunWithLast } from '@flowmate/database';
import { isTerminal, type OwnerScope } from '@flowmate/domain';
import { RunWatcher } from '../streams/run-watcher.js';

/** For callers who would rather wait than ask again. */
@Injectable()
export class RunWaiter {
  constructor(
    private readonly watcher: RunWatcher,
    private readonly runs: RunReader,
  ) {}

  /** Answers the run when it has ended, or nothing when it has not in that time. */
  async until(
    { workspaceId }: OwnerScope,
    runId: string,
    { timeoutMs, signal }: { timeoutMs: number; signal: AbortSignal },
  ): Promise<RunWithLast | undefined> {
    const ended = Promise.withResolvers<void>();
    const watch = this.watcher.watch(workspaceId, runId, {
      head: ({ status }) => isTerminal(status) && ended.resolve(),
      text: () => undefined,
    });
    const timer = setTimeout(ended.resolve, timeoutMs);
    const leave = (): void => ended.resolve();
    signal.addEventListener('abort', leave, { once: true });
    try {
      await watch.ready;
      return (await this.ended(workspaceId, runId)) ?? (await this.endedAfter(ended.promise, workspaceId, runId));
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', leave);
      watch.stop();
    }
  }

  private async endedAfter(wait: Promise<void>, workspaceId: string, runId: string): Promise<RunWithLast | undefined> {
    await wait;
    return this.ended(workspaceId, runId);
  }

  private async ended(workspaceId: string, runId: string): Promise<RunWithLast | undefined> {
    const run = await this.runs.find({ workspaceId }, runId);
    return run && isTerminal(run.head.status) ? run : undefined;
  }
}
