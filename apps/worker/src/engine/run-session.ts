import { DatabaseUnavailableError, type RunStore, type RunTail, type Wake } from '@flowmate/database';
import {
  fold,
  headOf,
  isTerminal,
  numbered,
  type JournalEntry,
  type NewEntry,
  type Run,
  type RunState,
} from '@flowmate/domain';
import type { Contents } from './contents.js';
import { patiently } from './patience.js';

/** Why what a run is doing is given up. `paused`: until the lease is good again. */
export type Interruption = 'cancelled' | 'paused' | 'gone' | 'handed_back' | 'timed_out';

/** What becomes of the run with an append: it stays with this worker, or nobody has it until then. */
export type Leaving = { readonly wake: Extract<Wake, 'now' | 'later' | number> } | null;

/**
 * `committed`: it is in the journal. `missed`: somebody else decided something meanwhile, which is folded in by now.
 * `lost`: the run is not this worker's any more.
 */
export type Outcome = 'committed' | 'missed' | 'lost';

export interface RunSessionParts {
  readonly store: RunStore;
  readonly contents: Contents;
  readonly now: () => number;
  /** Whether this worker may still hope to own anything. */
  readonly isOurs: () => boolean;
  readonly onCommitted: (session: RunSession) => void;
}

/** A run that this worker has: its journal as far as it is known, and the one way to append to it. */
export class RunSession {
  readonly id: string;
  readonly origin: Run;
  readonly contents: Contents;
  /** When it was claimed, or nothing was sent of it before; monotonic. */
  readonly claimedAt = performance.now();
  /** When a call was last sent by this worker, by its intent; monotonic. */
  readonly sentAt = new Map<number, number>();
  interruption: Interruption | undefined;
  private entries: JournalEntry[];
  private folded: RunState;
  private readonly epoch: number;
  private batches = 0;
  private controller = new AbortController();

  constructor(
    run: Run,
    private readonly parts: RunSessionParts,
  ) {
    this.id = run.id;
    this.origin = run;
    this.contents = parts.contents;
    this.entries = [...run.journal];
    this.folded = fold(run.journal);
    // The one that the claim makes; until then nothing is written.
    this.epoch = run.epoch + 1;
  }

  get state(): RunState {
    return this.folded;
  }

  /** Whether this worker may still hope to own the run. */
  get isOurs(): boolean {
    return this.parts.isOurs();
  }

  get journal(): readonly JournalEntry[] {
    return this.entries;
  }

  /** Of what is being done at the moment: a model call, reads, writes that have not left, a pause. */
  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** The state as it will be with these entries. */
  stateWith(entries: readonly NewEntry[]): RunState {
    return fold(this.place(entries, ''), this.folded);
  }

  journalWith(entries: readonly NewEntry[]): readonly JournalEntry[] {
    return entries.length === 0 ? this.entries : [...this.entries, ...this.place(entries, '')];
  }

  /** The strongest word stays: who is gone is not paused. */
  interrupt(why: Interruption): void {
    if (this.interruption !== 'gone') this.interruption = why;
    this.controller.abort();
  }

  /** What was interrupted has been put down; the next thing has a signal of its own. */
  resume(): void {
    if (!this.controller.signal.aborted) return;
    this.controller = new AbortController();
    if (this.interruption === 'paused' || this.interruption === 'timed_out') this.interruption = undefined;
  }

  /** Makes the run this worker's together with the first entries; `false` when somebody else was faster. */
  async claim(worker: string, entries: readonly NewEntry[], leaving: Leaving): Promise<boolean> {
    const { store } = this.parts;
    const from = this.origin.owner;
    const place = { id: this.id, epoch: this.origin.epoch, seq: this.folded.seq };
    const written = this.place(entries, this.newBatch());
    const state = fold(written, this.folded);
    const owner = leaving || isTerminal(state.status) ? null : worker;
    const append = { entries: written, head: headOf(state), wake: leaving?.wake ?? ('later' as const), owner };
    for (let isInDoubt = false; ;) {
      // oxlint-disable-next-line no-await-in-loop -- the same claim again, until it is known what became of it
      const isClaimed = await this.tryClaim(() => store.claim(place, from, append), isInDoubt);
      if (isClaimed === false && !isInDoubt) return false;
      if (isClaimed === true) break;
      isInDoubt = true;
      // oxlint-disable-next-line no-await-in-loop -- see above
      const tail = await this.read();
      if (tail && isBatch(tail, written) && tail.epoch === this.epoch) break;
      // One that is on its way must not land when nobody here knows of it: it is offered until it or another is there.
      const isStill = tail?.epoch === place.epoch && tail.owner === from && tail.entries.length === 0;
      if (!isStill) return false;
    }
    this.take(written);
    return true;
  }

  /** Nothing when nobody knows. One that never left is no doubt, unless an earlier one did. */
  private async tryClaim(claim: () => Promise<boolean | undefined>, isInDoubt: boolean): Promise<boolean | undefined> {
    try {
      return await claim();
    } catch (error) {
      if (error instanceof DatabaseUnavailableError && (error.sent || isInDoubt)) return undefined;
      throw error;
    }
  }

  /** One guarded append. What is returned is certain: an outcome that nobody knows is read until it is known. */
  async commit(entries: readonly NewEntry[], leaving: Leaving = null): Promise<Outcome> {
    if (entries.length === 0) return 'committed';
    const written = this.place(entries, this.newBatch());
    const state = fold(written, this.folded);
    const append = {
      entries: written,
      head: headOf(state),
      ...(leaving ? { wake: leaving.wake, owner: null } : { wake: 'later' as const }),
    };
    for (;;) {
      // oxlint-disable-next-line no-await-in-loop -- the same append again, until it is known what became of it
      const isWritten = await this.tryAppend(append);
      if (isWritten === true) return this.took(written);
      // oxlint-disable-next-line no-await-in-loop -- see above
      const tail = await this.read();
      if (!tail || tail.epoch !== this.epoch) return 'lost';
      if (isBatch(tail, written)) return this.took(tail.entries);
      if (tail.entries.length > 0) {
        this.take(tail.entries);
        return 'missed';
      }
      // Unknown, and not there (yet): the same batch again, so that it counts once however often it lands.
      if (isWritten === false) return 'lost';
    }
  }

  /** Folds in what others decided; for when there is nothing to append that would show it. */
  async catchUp(): Promise<Exclude<Outcome, 'missed'>> {
    const tail = await this.read();
    if (!tail || tail.epoch !== this.epoch) return 'lost';
    if (tail.entries.length > 0) this.take(tail.entries);
    return 'committed';
  }

  /** Who else wrote to this run, if somebody did: told before it is folded in. */
  async peek(): Promise<readonly JournalEntry[]> {
    const tail = await this.parts.store.tail(this.id, this.folded.seq);
    return tail?.epoch === this.epoch ? tail.entries : [];
  }

  private async tryAppend(append: Parameters<RunStore['commit']>[1]): Promise<boolean | undefined> {
    try {
      return await this.parts.store.commit({ id: this.id, epoch: this.epoch, seq: this.folded.seq }, append);
    } catch (error) {
      if (error instanceof DatabaseUnavailableError) return undefined;
      throw error;
    }
  }

  /** Where the run stands, as soon as the store says it; nothing when the run is gone. */
  private read(): Promise<RunTail | null> {
    return patiently(this.parts.isOurs, () => this.parts.store.tail(this.id, this.folded.seq));
  }

  /** Nobody else writes as the owner of this epoch; what the api decides has names of its own. */
  private newBatch(): string {
    this.batches += 1;
    return `${this.epoch}.${this.batches}`;
  }

  private place(entries: readonly NewEntry[], batch: string): JournalEntry[] {
    return numbered(entries, { seq: this.folded.seq, at: this.parts.now(), epoch: this.epoch, batch });
  }

  private took(written: readonly JournalEntry[]): 'committed' {
    this.take(written);
    return 'committed';
  }

  private take(written: readonly JournalEntry[]): void {
    this.entries.push(...written);
    this.folded = fold(written, this.folded);
    this.parts.onCommitted(this);
  }
}

/** Whether these are the entries that this worker wrote: who claims the same epoch elsewhere gives the same name. */
const isBatch = ({ entries: [found] }: RunTail, [written]: readonly JournalEntry[]): boolean =>
  found !== undefined &&
  found.batch === written?.batch &&
  found.at === written.at &&
  workerOf(found) === workerOf(written);

const workerOf = ({ data }: JournalEntry): string | null => ('worker' in data ? data.worker : null);
