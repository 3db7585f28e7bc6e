/** Twenty times a second is a stream to the eye. */
const EVERY_MS = 50;

/** What a model is writing, for those who watch: gathered, so that a word is not a message each. Nothing acts on it. */
export class TextStream {
  private waiting = '';
  private timer: NodeJS.Timeout | undefined;
  private sentAt = Number.NEGATIVE_INFINITY;

  constructor(private readonly send: (text: string) => void) {}

  write(delta: string): void {
    this.waiting += delta;
    if (this.timer) return;
    const due = this.sentAt + EVERY_MS - performance.now();
    if (due <= 0) this.flush();
    else this.timer = setTimeout(() => this.flush(), due).unref();
  }

  /** The whole answer is in the journal next; what was not shown is not needed any more. */
  end(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.waiting = '';
  }

  private flush(): void {
    this.timer = undefined;
    if (this.waiting === '') return;
    const text = this.waiting;
    this.waiting = '';
    this.sentAt = performance.now();
    this.send(text);
  }
}
