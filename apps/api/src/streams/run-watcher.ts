import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { RunReader, type WatchedHead } from '@flowmate/database';
import { RunBells, type HeadBell, type TextBell } from '@flowmate/realtime';

export interface WatchListener {
  head(bell: HeadBell): void;
  text(bell: TextBell): void;
}

export interface RunWatch {
  /** Resolves when bells are heard: whoever looks then misses nothing. */
  readonly ready: Promise<void>;
  stop(): void;
}

/** A bell that was lost makes a reader late by this, and no more. */
const LOOK_MS = 2_000;

/** Tells how far runs are: by their bells and, because bells get lost, by looking at all of them in one question. */
@Injectable()
export class RunWatcher implements OnModuleDestroy {
  private readonly watched = new Map<string, Set<WatchListener>>();
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> | undefined;

  constructor(
    private readonly bells: RunBells,
    private readonly reader: RunReader,
  ) {}

  watch(workspaceId: string, runId: string, listener: WatchListener): RunWatch {
    const listeners = this.watched.get(runId) ?? new Set();
    this.watched.set(runId, listeners.add(listener));
    const heard = this.bells.watch(workspaceId, runId, {
      head: (bell) => listener.head(bell),
      text: (bell) => listener.text(bell),
      missed: () => this.look(),
    });
    this.timer ??= setInterval(() => this.look(), LOOK_MS).unref();
    return {
      ready: heard.ready,
      stop: () => {
        heard.stop();
        listeners.delete(listener);
        if (listeners.size === 0 && this.watched.get(runId) === listeners) this.watched.delete(runId);
        if (this.watched.size === 0) this.rest();
      },
    };
  }

  onModuleDestroy(): void {
    this.rest();
  }

  private rest(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  /** One look at a time: where the store is slow, the next one sees all that this one would have seen. */
  private look(): void {
    this.looking ??= this.reader
      .headsUnscoped([...this.watched.keys()])
      .then((heads) => this.tell(heads))
      // The store is away: it is asked again in two seconds.
      .catch(() => undefined)
      .finally(() => (this.looking = undefined));
  }

  private tell(heads: readonly WatchedHead[]): void {
    for (const { id: runId, seq, status } of heads)
      for (const listener of this.watched.get(runId) ?? []) listener.head({ runId, seq, status });
  }
}
