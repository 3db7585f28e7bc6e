/** Twenty times a second is a stream to the eye. */
const EVERY_MS = 50;

/** What a model is writing, for those who watch: gathered, so that a word is not a message each. Nothing acts on it. */
export class TextStream {
  private waiting = '';
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly send: (text: string) => void) {}

  write(delta: string): void {
    this.waiting += delta;
    if (this.timer) return;
    // The first words wait too: an answer that is whole within that time is shown as such and costs nothing here.
    this.timer = setTimeout(() => this.flush(), EVERY_MS).unref();
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
    this.send(text);
  }
}
