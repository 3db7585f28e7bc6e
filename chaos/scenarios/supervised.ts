import { setTimeout as delay } from 'node:timers/promises';
import type { Child } from '../system/child.js';

const LOOK_MS = 50;

/** Starts a process again whenever it has ended, as whatever runs containers does. */
export class Supervised {
  readonly ends: Array<number | null> = [];
  private isStopped = false;
  private readonly loop: Promise<void>;

  constructor(
    private child: Child,
    private readonly begin: () => Promise<Child>,
  ) {
    this.loop = this.watch();
  }

  get current(): Child {
    return this.child;
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    await this.loop;
  }

  private async watch(): Promise<void> {
    while (!this.isStopped) {
      if (!this.child.isRunning) {
        this.ends.push(this.child.exitCode);
        this.child = await this.begin();
      }
      await delay(LOOK_MS);
    }
  }
}
