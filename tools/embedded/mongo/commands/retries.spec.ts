import { Doc, Int32 } from '../semantics/value.ts';
import type { Retries, RetryPart, Tx } from '../storage/types.ts';
import { Answers } from './retries.ts';

const SESSION = { id: 'session', txnNumber: 7n };
const answer = (id: number): Doc => Doc.of({ n: new Int32(1), upserted: new Int32(id) });

/** Keeps parts as the store does, and counts how often they are read. */
function transaction(): { tx: Tx; parts: RetryPart[]; reads: () => number } {
  const parts: RetryPart[] = [];
  let reads = 0;
  const retries: Retries = {
    state: () => (parts.length > 0 ? { txnNumber: parts[0]!.txnNumber, parts: parts.length } : undefined),
    get: () => {
      reads += 1;
      return parts.map(({ results }) => results);
    },
    put: (_lsid, part) => {
      if (part.part === 0) parts.length = 0;
      parts[part.part] = part;
    },
  };
  return { tx: { retries } as unknown as Tx, parts, reads: () => reads };
}

describe('answers kept of a numbered write', () => {
  const runsIn = ({ results }: RetryPart): number => (results.get('runs') as unknown[]).length;

  it('are written once each and never read again, in however many slices the write is done', () => {
    const { tx, parts, reads } = transaction();
    let before: Answers | undefined;
    for (let slice = 0; slice < 10; slice += 1) {
      const answers = Answers.of(tx, SESSION, before);
      for (let at = 0; at < 5; at += 1) answers!.add(slice * 5 + at, answer(slice * 5 + at));
      answers!.store(tx);
      before = answers;
    }
    expect(parts.map(runsIn)).toEqual(Array.from({ length: 10 }, () => 5));
    expect(reads()).toBe(0);
    const again = Answers.of(tx, SESSION);
    expect(Array.from({ length: 51 }, (_, at) => again!.get(at)?.get('upserted'))).toEqual([
      ...Array.from({ length: 50 }, (_, at) => new Int32(at)),
      undefined,
    ]);
  });

  it('are seen by the first sending too when a resend did what was left', () => {
    const { tx } = transaction();
    const first = Answers.of(tx, SESSION)!;
    first.add(0, answer(0));
    first.store(tx);
    const resend = Answers.of(tx, SESSION)!;
    resend.add(1, answer(1));
    resend.store(tx);
    expect(Answers.of(tx, SESSION, first)?.get(1)?.get('upserted')).toEqual(new Int32(1));
  });

  it('have gaps where statements failed', () => {
    const { tx } = transaction();
    const first = Answers.of(tx, SESSION)!;
    for (const at of [0, 2, 3, 6]) first.add(at, answer(1));
    first.store(tx);
    const resend = Answers.of(tx, SESSION)!;
    resend.add(4, answer(1));
    resend.store(tx);
    const third = Answers.of(tx, SESSION)!;
    expect([0, 1, 2, 3, 4, 5, 6, 7].filter((at) => third.get(at))).toEqual([0, 2, 3, 4, 6]);
  });
});
