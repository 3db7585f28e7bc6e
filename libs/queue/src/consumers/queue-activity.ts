/** What a consumer of one queue did so far, and what it could do. */
export interface ConsumerActivity {
  /** False before it was started, and from the moment on when it was told to take nothing more. */
  readonly isTaking: boolean;
  /** Jobs that it took from the queue since it was started. */
  readonly taken: number;
  readonly hasFreeSlot: boolean;
}

/** Counts the jobs of one queue through one consumer. */
export class QueueActivity {
  private takenSoFar = 0;
  private running = 0;

  constructor(private readonly slots: number) {}

  get taken(): number {
    return this.takenSoFar;
  }

  get hasFreeSlot(): boolean {
    return this.running < this.slots;
  }

  async during(work: Promise<void>): Promise<void> {
    this.takenSoFar += 1;
    this.running += 1;
    try {
      await work;
    } finally {
      this.running -= 1;
    }
  }
}
