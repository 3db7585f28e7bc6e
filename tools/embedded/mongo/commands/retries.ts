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

/**
 * What the statements of one numbered write answered. It is kept in the transaction of the write itself: a resend
 * gets the first answer, or, where that was never stored, does what was never done.
 */
export class Answers {
  private readonly lsid: string;
  private readonly txnNumber: bigint;
  private readonly runs: Run[];
  private changed = false;

  private constructor(lsid: string, txnNumber: bigint, runs: Run[]) {
    this.lsid = lsid;
    this.txnNumber = txnNumber;
    this.runs = runs;
  }

  /** `undefined` for a write that is not numbered. A number older than the last one is refused. */
  static of(tx: Tx, session: Session | undefined): Answers | undefined {
    if (session?.txnNumber === undefined) return undefined;
    const { id, txnNumber } = session;
    const known = tx.retries.get(id);
    if (known && known.txnNumber > txnNumber)
      throw new MongoError(
        225,
        `Retryable write with txnNumber ${txnNumber} is prohibited because a newer one (${known.txnNumber}) has started`,
      );
    return new Answers(id, txnNumber, known?.txnNumber === txnNumber ? runsOf(known.results) : []);
  }

  get(statement: number): Doc | undefined {
    return this.runs.find(({ from, to }) => from <= statement && statement <= to)?.answer;
  }

  add(statement: number, answer: Doc): void {
    this.changed = true;
    const last = this.runs.at(-1);
    if (last && last.to === statement - 1 && sameAnswer(last.answer, answer))
      this.runs[this.runs.length - 1] = { ...last, to: statement };
    else this.runs.push({ from: statement, to: statement, answer });
  }

  store(tx: Tx): void {
    if (!this.changed) return;
    const runs = this.runs.map(({ from, to, answer }) => Doc.of({ from: new Int32(from), to: new Int32(to), answer }));
    tx.retries.put(this.lsid, { txnNumber: this.txnNumber, results: Doc.of({ runs }) });
  }
}
