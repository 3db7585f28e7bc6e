import { ID_PATTERN } from '@flowmate/domain';
import { workerChannel } from './bells.js';
import type { Channels } from './channels.js';

/** What a worker is told about its own runs. */
export class WorkerEars {
  constructor(private readonly channels: Channels) {}

  /** `missed`: something may have been said while nobody heard it. Answers how to stop. */
  listen(workerId: string, hear: (runId: string) => void, missed: () => void = () => undefined): () => void {
    const forget = this.channels.onMissed(missed);
    const { stop } = this.channels.subscribe(workerChannel(this.channels.redis, workerId), (message) => {
      if (ID_PATTERN.test(message)) hear(message);
    });
    return () => {
      forget();
      stop();
    };
  }
}
