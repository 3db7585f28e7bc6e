/**
 * Ends a call that stands still: `firstByteMs` until the answer's head, then `idleMs` between two pieces of content.
 * Bytes alone count for nothing, or a server that drips spaces would hold a slot for ever.
 */
export class StallTimer {
  private timer: NodeJS.Timeout;
  private stalled: 'first_byte' | 'idle' | undefined;

  constructor(
    firstByteMs: number,
    private readonly idleMs: number,
    private readonly onStall: () => void,
  ) {
    this.timer = setTimeout(() => this.stall('first_byte'), firstByteMs);
  }

  get phase(): 'first_byte' | 'idle' | undefined {
    return this.stalled;
  }

  /** The head of the answer is there. */
  begin(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.stall('idle'), this.idleMs);
  }

  progress(): void {
    if (!this.stalled) this.timer.refresh();
  }

  stop(): void {
    clearTimeout(this.timer);
  }

  private stall(phase: 'first_byte' | 'idle'): void {
    this.stalled = phase;
    this.onStall();
  }
}
