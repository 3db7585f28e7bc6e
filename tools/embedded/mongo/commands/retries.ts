import { MongoError } from '../semantics/errors.ts';
import { Doc, Int32, type Value } from '../semantics/value.ts';
import type { Tx } from '../storage/types.ts';
import type { Session } from './call.ts';

/** Neighbouring statements with the same answer are one run, so a long insert is one entry. */
interface Run {
  readonly from: number;
  readonly to: number;
  readonly answer: Doc;
}

const place = (value: Value | undefined): number => (value instanceof Int32 ? value.value : 0);

function runOf(value: Value): Run {
  const doc = value instanceof Doc ? value : new Doc();
  const answer = doc.get('answer');
  return { from: place(doc.get('from')), to: place(doc.get('to')), answer: answer instanceof Doc ? answer : new Doc() };
}

const runsOf = (results: Doc): Run[] => {
  const runs = results.get('runs');
  return Array.isArray(runs) ? runs.map(runOf) : [];
};

const sameAnswer = (left: Doc, right: Doc): boolean =>
  left.size === right.size &&
  [...left].every(([name, value]) => {
    const other = right.get(name);
    return value instanceof Int32 && other instanceof Int32 && value.value === other.value;
  });

const storedRuns = (tx: Tx, lsid: string): Run[] =>
  tx.retries
    .get(lsid)
    .flatMap(runsOf)
    .toSorted((a, b) => a.from - b.from);

/** The run a statement is in; runs are in order and do not overlap. */
function runAt(runs: readonly Run[], statement: number): Run | undefined {
  let low = 0;
  let high = runs.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (runs[middle]!.to < statement) low = middle + 1;
    else high = middle;
  }
  const run = runs[low];
  return run && run.from <= statement ? run : undefined;
}

/**
 * What the statements of one numbered write answered. It is kept in the transaction of the write itself: a resend
 * gets the first answer, or, where that was never stored, does what was never done. A write in many slices keeps one
 * part for each, so that none is written or read twice.
 */
export class Answers {
  private readonly lsid: string;
  private readonly txnNumber: bigint;
  private readonly known: readonly Run[];
  private parts: number;
  private added: Run[] = [];

  private constructor(session: { id: string; txnNumber: bigint }, known: readonly Run[], parts: number) {
    this.lsid = session.id;
    this.txnNumber = session.txnNumber;
    this.known = known;
    this.parts = parts;
  }

  /**
   * `undefined` for a write that is not numbered. A number older than the last one is refused. `before` are those of
   * the slice before, which are read again only when a resend meanwhile added to them.
   */
  static of(tx: Tx, session: Session | undefined, before?: Answers): Answers | undefined {
    if (session?.txnNumber === undefined) return undefined;
    const { id, txnNumber } = session;
    const state = tx.retries.state(id);
    if (state && state.txnNumber > txnNumber)
      throw new MongoError(
        225,
        `Retryable write with txnNumber ${txnNumber} is prohibited because a newer one (${state.txnNumber}) has started`,
      );
    const parts = state?.txnNumber === txnNumber ? state.parts : 0;
    if (before && before.parts === parts) return before;
    return new Answers({ id, txnNumber }, parts > 0 ? storedRuns(tx, id) : [], parts);
  }

  get(statement: number): Doc | undefined {
    return runAt(this.known, statement)?.answer;
  }

  /** Of a statement that has no answer yet; they come in order. */
  add(statement: number, answer: Doc): void {
    const last = this.added.at(-1);
    if (last && last.to === statement - 1 && sameAnswer(last.answer, answer))
      this.added[this.added.length - 1] = { ...last, to: statement };
    else this.added.push({ from: statement, to: statement, answer });
  }

  store(tx: Tx): void {
    if (this.added.length === 0) return;
    const runs = this.added.map(({ from, to, answer }) => Doc.of({ from: new Int32(from), to: new Int32(to), answer }));
    tx.retries.put(this.lsid, { txnNumber: this.txnNumber, part: this.parts, results: Doc.of({ runs }) });
    this.parts += 1;
    this.added = [];
  }
}
