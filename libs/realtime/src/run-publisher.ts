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

/** What a run does within this is said once: nobody sees the difference, and each word costs a call of the system. */
const GATHER_MS = 15;

interface Gathered {
  readonly workspaceId: string;
  readonly bell: HeadBell;
}

/** Says what happens to whoever listens at this moment. Never throws and never waits. */
export class RunPublisher {
  /** Of runs that go on anyway, by their ids. */
  private readonly gathered = new Map<string, Gathered>();

  constructor(private readonly redis: Redis) {}

  head(workspaceId: string, bell: HeadBell): void {
    if (bell.status === 'running') return this.gather({ workspaceId, bell });
    this.gathered.delete(bell.runId);
    this.sayHead({ workspaceId, bell });
  }

  text(workspaceId: string, bell: TextBell): void {
    const before = this.gathered.get(bell.runId);
    if (before && this.gathered.delete(bell.runId)) this.sayHead(before);
    this.say(workspaceChannel(this.redis, workspaceId), textMessage(bell));
  }

  /** A run of this worker needs it: somebody has decided something. */
  tellWorker(workerId: string, { runId }: WorkerBell): void {
    this.say(workerChannel(this.redis, workerId), runId);
  }

  private gather(one: Gathered): void {
    if (this.gathered.size === 0) setTimeout(() => this.sayGathered(), GATHER_MS).unref();
    this.gathered.set(one.bell.runId, one);
  }

  private sayGathered(): void {
    for (const one of this.gathered.values()) this.sayHead(one);
    this.gathered.clear();
  }

  private sayHead({ workspaceId, bell }: Gathered): void {
    this.say(workspaceChannel(this.redis, workspaceId), headMessage(bell));
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
