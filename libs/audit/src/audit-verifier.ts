import type { AuditEntryDocument, AuditHeadDocument, AuditRepository } from '@flowmate/database';
import { auditEntryId } from '@flowmate/database';
import { GENESIS, type AuditChain } from './audit-chain.js';

/** What is wrong at one place of a trail. */
export interface AuditProblem {
  /** 0 for what concerns the trail as a whole, and for an entry that has no place. */
  readonly seq: number;
  /** Of an entry that has no place. */
  readonly id?: string;
  /**
   * `changed`: not as it was recorded. `removed`: it was there. `inserted`: nobody recorded it. `unlinked`: it was
   * recorded, but after another entry. `head_missing`, `head_changed`: where the trail begins and ends was tampered
   * with. `other_key`: made with a key that is not there.
   */
  readonly problem: 'changed' | 'removed' | 'inserted' | 'unlinked' | 'head_missing' | 'head_changed' | 'other_key';
}

export interface AuditVerdict {
  readonly trail: string;
  /** How many were looked at. */
  readonly entries: number;
  readonly ok: boolean;
  /** The first of them. */
  readonly problems: readonly AuditProblem[];
  readonly problemCount: number;
}

/** Half a megabyte in memory at most. */
const PAGE = 500;
/** Who reads a thousand lines of what is broken knows no more than after a hundred. */
const MAX_PROBLEMS = 100;

/** Finds out whether a trail is as it was recorded. Reads it page by page, so its length does not matter. */
export class AuditVerifier {
  constructor(
    private readonly repository: AuditRepository,
    private readonly chain: AuditChain,
  ) {}

  /** From its beginning to its end. */
  async verify(trail: string, signal?: AbortSignal): Promise<AuditVerdict> {
    let walk = await this.walk(trail, Number.NEGATIVE_INFINITY, signal);
    // Retention took away its beginning meanwhile: what is missing for that reason was not removed by anybody.
    if (!walk.isGood && (await this.repository.head(trail))?.firstSeq !== walk.firstSeq)
      walk = await this.walk(trail, Number.NEGATIVE_INFINITY, signal);
    for (const stray of await this.repository.strays(trail, MAX_PROBLEMS)) walk.look(stray);
    return walk.verdict();
  }

  /** Only the newest entries: for a look now and then. */
  async verifyLast(trail: string, count: number, signal?: AbortSignal): Promise<AuditVerdict> {
    const newest = await this.repository.page(trail, {}, { limit: count + 1 });
    return (await this.walk(trail, newest[count]?.seq ?? Number.NEGATIVE_INFINITY, signal)).verdict();
  }

  private async walk(trail: string, after: number, signal?: AbortSignal): Promise<Walk> {
    // The head first: entries that come while this reads are behind it, and are verified like the others.
    const head = await this.repository.head(trail);
    const walk = new Walk(trail, this.chain, head, after);
    let last = after;
    for (;;) {
      signal?.throwIfAborted();
      // oxlint-disable-next-line no-await-in-loop -- page after page is what keeps memory constant
      const page = await this.repository.after(trail, last, PAGE);
      for (const entry of page) walk.look(entry);
      const end = page.at(-1);
      if (page.length < PAGE || !end) return walk;
      last = end.seq;
    }
  }
}

/** What is remembered between one entry and the next. */
class Walk {
  private readonly problems: AuditProblem[] = [];
  private problemCount = 0;
  private entries = 0;
  private seq: number;
  /** What the next entry has to follow; unknown after one that was reported already. */
  private hash: string | undefined;

  constructor(
    private readonly trail: string,
    private readonly chain: AuditChain,
    private readonly head: AuditHeadDocument | null,
    after: number,
  ) {
    const firstSeq = head?.firstSeq ?? 1;
    const isWhole = after < firstSeq;
    this.seq = isWhole ? firstSeq - 1 : after;
    this.hash = isWhole ? (head?.cutHash ?? GENESIS) : undefined;
    if (head) this.judgeHead(head);
  }

  get isGood(): boolean {
    return this.problemCount === 0;
  }

  get firstSeq(): number | undefined {
    return this.head?.firstSeq;
  }

  look(entry: AuditEntryDocument): void {
    this.entries += 1;
    const { seq } = entry;
    if (typeof seq !== 'number' || !(seq > Number.NEGATIVE_INFINITY)) return this.reportStray(entry);
    if (this.head && seq < this.head.firstSeq) return this.judgeRemnant(entry);
    const problem = this.problemOf(entry);
    if (problem === 'inserted') return this.report(seq, problem);
    this.reportGap(seq);
    if (problem) this.report(seq, problem);
    this.seq = seq;
    this.hash = problem ? undefined : entry.hash;
  }

  verdict(): AuditVerdict {
    const { trail, entries, head } = this;
    if (!head && entries > 0) this.report(0, 'head_missing');
    if (head) this.reportGap(head.seq + 1);
    const { problems, problemCount } = this;
    return { trail, entries, ok: problemCount === 0, problems, problemCount };
  }

  /** Without a number for a place; nothing of ours ever is. */
  private reportStray({ _id }: AuditEntryDocument): void {
    this.problemCount += 1;
    if (this.problems.length < MAX_PROBLEMS) this.problems.push({ seq: 0, id: _id, problem: 'inserted' });
  }

  private judgeHead(head: AuditHeadDocument): void {
    for (const proof of [this.chain.proofOfEnd(head), this.chain.proofOfBeginning(head)]) {
      if (proof === 'bad') this.report(0, 'head_changed');
      if (proof === 'other-key') this.report(0, 'other_key');
    }
  }

  /** Retention was interrupted: what is left before the beginning goes with its next run. */
  private judgeRemnant(entry: AuditEntryDocument): void {
    const proof = this.chain.proofOf(entry);
    if (proof !== 'good') this.report(entry.seq, proof === 'bad' ? 'inserted' : 'other_key');
  }

  private problemOf(entry: AuditEntryDocument): AuditProblem['problem'] | undefined {
    const { seq, hash, previous } = entry;
    const isOurs = Number.isInteger(seq) && entry._id === auditEntryId(this.trail, seq);
    const proof = this.chain.proofOf(entry);
    if (!isOurs) return 'inserted';
    // Nobody knows of a place behind the head but the process that was killed there, and it had the key.
    if (proof === 'bad') return seq > (this.head?.seq ?? 0) ? 'inserted' : 'changed';
    if (proof === 'other-key') return 'other_key';
    if (seq === this.head?.seq && hash !== this.head.hash) return 'changed';
    const follows = this.hash === undefined || seq !== this.seq + 1 || previous === this.hash;
    return follows ? undefined : 'unlinked';
  }

  /** Every place between the last one and this one is empty. */
  private reportGap(seq: number): void {
    const missing = seq - this.seq - 1;
    if (missing <= 0) return;
    for (let at = this.seq + 1; at < seq && this.problems.length < MAX_PROBLEMS; at += 1)
      this.problems.push({ seq: at, problem: 'removed' });
    this.problemCount += missing;
    this.hash = undefined;
  }

  private report(seq: number, problem: AuditProblem['problem']): void {
    this.problemCount += 1;
    if (this.problems.length < MAX_PROBLEMS) this.problems.push({ seq, problem });
  }
}
