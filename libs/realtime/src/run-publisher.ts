import type { Redis } from '@flowmate/redis';
import {
  headMessage,
  textMessage,
  workerChannel,
  workspaceChannel,
  type HeadBell,
  type TextBell,
  type WorkerBell,
} from './bells.js';

/** Says what happens to whoever listens at this moment. Never throws and never waits. */
export class RunPublisher {
  constructor(private readonly redis: Redis) {}

  head(workspaceId: string, bell: HeadBell): void {
    this.say(workspaceChannel(this.redis, workspaceId), headMessage(bell));
  }

  text(workspaceId: string, bell: TextBell): void {
    this.say(workspaceChannel(this.redis, workspaceId), textMessage(bell));
  }

  /** A run of this worker needs it: somebody has decided something. */
  tellWorker(workerId: string, { runId }: WorkerBell): void {
    this.say(workerChannel(this.redis, workerId), runId);
  }

  private say(channel: string, message: string): void {
    if (this.redis.state !== 'connected') return;
    // Who listens looks every two seconds anyway, so nothing hangs on a bell that is lost.
    void this.redis
      .borrow()
      .publish(channel, message)
      .catch(() => undefined);
  }
}
