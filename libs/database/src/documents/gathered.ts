import { within } from '../connection/deadline.js';

/** What became of each one, in the order in which they were given. */
export type Settled<Answer> = ReadonlyArray<PromiseSettledResult<Answer>>;

export interface GatheredOptions {
  /** So many commands are under way at once. One would wait for the slowest, many would gather nothing. */
  readonly lanes: number;
  /** So many go in one command, so that none takes long. */
  readonly most: number;
  /** After a command with several, the next one leaves so much later for each further one in it, at most. */
  readonly rest: { readonly eachMs: number; readonly mostMs: number };
  /** Waiting and being answered, together. */
  readonly timeoutMs: number;
}

interface Waiting<Asked, Answer> {
  readonly asked: Asked;
  readonly answer: PromiseWithResolvers<Answer>;
  isOver: boolean;
}

/**
 * Does in one go what many ask for at the same time. Who is alone goes at once; who comes while all lanes are taken
 * goes with the others that wait. After a command with several there is a rest, the longer the more there were: where
 * much is asked, commands come to leave on a beat, and every process that has to do with them is woken less often.
 * Where little is asked the rests are shorter than the pauses between the questions, and nobody waits.
 */
export class Gathered<Asked, Answer> {
  private waiting: Waiting<Asked, Answer>[] = [];
  private underWay = 0;
  private turn: NodeJS.Immediate | undefined;
  private rest: NodeJS.Timeout | undefined;
  private restsUntil = 0;

  constructor(
    private readonly work: (all: readonly Asked[]) => Promise<Settled<Answer>>,
    private readonly options: GatheredOptions,
  ) {}

  async ask(asked: Asked): Promise<Answer> {
    const one: Waiting<Asked, Answer> = { asked, answer: Promise.withResolvers<Answer>(), isOver: false };
    this.waiting.push(one);
    this.schedule();
    try {
      return await within(one.answer.promise, { timeoutMs: this.options.timeoutMs });
    } finally {
      // Nobody waits for it any more: what has not left stays here.
      one.isOver = true;
    }
  }

  /** After what else this turn of the event loop brings, and after the rest, unless a whole command is waiting. */
  private schedule(): void {
    if (this.turn || this.underWay >= this.options.lanes) return;
    const restMs = this.waiting.length < this.options.most ? this.restsUntil - performance.now() : 0;
    if (restMs > 0) {
      this.rest ??= setTimeout(() => this.send(), restMs);
      return;
    }
    this.turn = setImmediate(() => this.send());
  }

  private send(): void {
    clearTimeout(this.rest);
    [this.turn, this.rest] = [undefined, undefined];
    const wanted = this.waiting.filter(({ isOver }) => !isOver);
    const all = wanted.slice(0, this.options.most);
    this.waiting = wanted.slice(this.options.most);
    if (all.length === 0) return;
    this.underWay += 1;
    this.restsUntil = performance.now() + this.restAfter(all.length);
    void this.answer(all).finally(() => {
      this.underWay -= 1;
      if (this.waiting.length > 0) this.schedule();
    });
    if (this.waiting.length > 0) this.schedule();
  }

  private restAfter(count: number): number {
    const { eachMs, mostMs } = this.options.rest;
    return Math.min((count - 1) * eachMs, mostMs);
  }

  private async answer(all: ReadonlyArray<Waiting<Asked, Answer>>): Promise<void> {
    try {
      const settled = await this.work(all.map(({ asked }) => asked));
      for (const [index, one] of all.entries()) {
        const result = settled[index];
        if (result?.status === 'fulfilled') one.answer.resolve(result.value);
        else one.answer.reject(result?.reason);
      }
    } catch (error) {
      for (const one of all) one.answer.reject(error);
    }
  }
}
