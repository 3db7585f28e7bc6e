import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { RunReader, type RunWithLast } from '@flowmate/database';
import { isTerminal, type OwnerScope } from '@flowmate/domain';
import { RunWatcher } from '../streams/run-watcher.js';

/** For callers who would rather wait than ask again. */
@Injectable()
export class RunWaiter implements OnModuleDestroy {
  private readonly waiting = new Set<() => void>();

  constructor(
    private readonly watcher: RunWatcher,
    private readonly runs: RunReader,
  ) {}

  /** A process that stops lets nobody wait for its end: they are told that the run was accepted. */
  onModuleDestroy(): void {
    for (const leave of this.waiting) leave();
  }

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
    if (signal.aborted) leave();
    this.waiting.add(leave);
    try {
      await watch.ready;
      return (await this.ended(workspaceId, runId)) ?? (await this.endedAfter(ended.promise, workspaceId, runId));
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', leave);
      this.waiting.delete(leave);
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
