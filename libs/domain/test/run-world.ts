import {
  fold,
  headOf,
  isParallel,
  statusAfter,
  type Effect,
  type IdempotencyClass,
  type JournalEntry,
  type RunHead,
} from '../src/index.js';

/** What chance says next, as a number below `below`. When it has nothing more to say, nothing unusual happens. */
export type Chance = (below: number) => number;

/** A stored run, as far as its guard goes. */
export interface StoredRun {
  readonly epoch: number;
  readonly seq: number;
  readonly owner: string | null;
  readonly wakeAt: number | null;
  readonly head: RunHead;
  readonly journal: readonly JournalEntry[];
}

/** What a tool is asked for. `class` is what its provider really does with a repetition. */
export interface Sent {
  readonly intent: number;
  readonly step: number;
  readonly call: number;
  readonly key: string;
  readonly class: IdempotencyClass;
}

export type Answer = 'done' | 'refused' | 'denied' | 'unknown';

/** A provider acts on what reached it within its timeout, or never. */
const TIMEOUT_MS = 1_000;
/** At least twice the timeout. */
export const SETTLE_MS = 2_000;

/** One document behind a guard, and the world outside, which counts what really happened. */
export class RunWorld {
  now = 0;
  run: StoredRun = { epoch: 0, seq: 0, owner: null, wakeAt: 0, head: headOf(fold([])), journal: [] };
  readonly alive = new Set<string>();
  /** How often something really happened, by intent. */
  readonly happened = new Map<number, number>();
  private readonly keysDone = new Set<string>();
  private underWay: Array<{ readonly sent: Sent; readonly at: number }> = [];
  private readonly undone = new Map<number, number>();

  constructor(private readonly chance: Chance) {}

  /** What the journal says. */
  state = fold([]);

  /** One guarded update: what the filter does not find is not changed. */
  append(
    guard: { readonly epoch: number; readonly seq: number; readonly owner?: string | null },
    entries: readonly JournalEntry[],
    change: Partial<Pick<StoredRun, 'epoch' | 'owner' | 'wakeAt' | 'head'>>,
  ): boolean {
    const { run } = this;
    if (run.epoch !== guard.epoch || run.seq !== guard.seq) return false;
    if (guard.owner !== undefined && run.owner !== guard.owner) return false;
    this.checkAppend(entries);
    this.run = { ...run, ...change, journal: [...run.journal, ...entries], seq: entries.at(-1)?.seq ?? run.seq };
    this.state = fold(entries, this.state);
    return true;
  }

  pass(ms: number): void {
    this.now += ms;
    const landed = this.underWay.filter(({ at }) => at <= this.now);
    this.underWay = this.underWay.filter(({ at }) => at > this.now);
    for (const { sent } of landed) this.act(sent);
  }

  /** A request leaves. What is answered need not be what happens. */
  send(sent: Sent): Answer {
    this.checkSending(sent);
    switch (this.chance(7)) {
      case 1:
        return 'refused';
      case 2:
        return 'denied';
      case 3:
        return 'unknown';
      case 4:
        this.underWay.push({ sent, at: this.now + 1 + this.chance(TIMEOUT_MS) });
        return 'unknown';
      case 5:
        this.act(sent);
        return 'unknown';
      default:
        this.act(sent);
        return 'done';
    }
  }

  /** Whether the marker of a call is there. */
  find(key: string): boolean {
    return this.keysDone.has(key);
  }

  /** A person says that it has not been done: from here on it may be done once more. */
  allowAgain(intent: number): void {
    this.undone.set(intent, (this.undone.get(intent) ?? 0) + 1);
  }

  /** For whoever has to find out why. */
  get story(): string {
    return this.run.journal
      .map(({ seq, epoch, type, data }) => `${seq} @${epoch} ${type} ${JSON.stringify(data)}`)
      .join('\n');
  }

  private broken(what: string): Error {
    return new Error(`${what}:\n${this.story}`);
  }

  private act({ intent, key, class: idempotency }: Sent): void {
    // Whoever takes keys does a thing once.
    if (idempotency === 'A' && this.keysDone.has(key)) return;
    this.keysDone.add(key);
    const times = (this.happened.get(intent) ?? 0) + 1;
    this.happened.set(intent, times);
    const allowed = idempotency === 'R' ? Number.POSITIVE_INFINITY : 1 + (this.undone.get(intent) ?? 0);
    if (times > allowed) throw this.broken(`a call of class ${idempotency} took effect ${times} times`);
  }

  /** Nothing leaves that is not meant, is over, or is not its turn. */
  private checkSending({ intent, step, call, key }: Sent): void {
    const { state } = this;
    const found = state.answer?.step === step ? state.answer.calls[call] : undefined;
    // Who was frozen between its look and its sending is not modelled: the lease ends before others may claim.
    if (found?.phase !== 'intended') throw this.broken('a call was sent that is not open');
    if (found.intent !== intent || found.key !== key) throw this.broken('a call was sent under another name');
    const before = state.answer?.calls.slice(0, call).some(({ phase }) => phase !== 'done') ?? false;
    if (before && state.answer && !isParallel(state.answer)) throw this.broken('a call was sent before its turn');
  }

  private checkAppend(entries: readonly JournalEntry[]): void {
    let { status, seq } = this.state;
    for (const entry of entries) {
      const next = statusAfter(status, seq, entry.type);
      if (entry.seq !== seq + 1) throw this.broken('the journal has a gap');
      if (next === undefined) throw this.broken(`${entry.type} was appended to a run that is ${status}`);
      [status, seq] = [next, entry.seq];
    }
  }

  /** What the journal says at the end is what happened, or that nobody knows. */
  checkHonesty(decidedByPeople: ReadonlySet<number>): void {
    this.pass(TIMEOUT_MS);
    const { effects } = this.state;
    if (JSON.stringify(headOf(fold(this.run.journal))) !== JSON.stringify(this.run.head))
      throw this.broken('the head is not the fold');
    const told = new Map<number, Effect>(effects.map((effect) => [effect.intent, effect]));
    for (const entry of this.run.journal) {
      if (entry.type !== 'tool.intended' || entry.data.class === 'R') continue;
      const hasHappened = (this.happened.get(entry.seq) ?? 0) > 0;
      const effect = told.get(entry.seq);
      if (hasHappened && !effect) throw this.broken('something happened that the journal does not know');
      if (effect?.isCertain && !hasHappened && !decidedByPeople.has(entry.seq))
        throw this.broken('the journal is certain of something that did not happen');
    }
    const end = this.run.journal.at(-1);
    if (end?.type !== 'run.cancelled') return;
    const undecided = new Set(end.data.undecided);
    for (const { intent, isCertain } of effects)
      if (!isCertain && !undecided.has(intent) && (this.happened.get(intent) ?? 0) > 0)
        throw this.broken('a cancelled run does not name a call that took effect');
  }
}
