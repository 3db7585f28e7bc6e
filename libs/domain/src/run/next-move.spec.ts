import {
  answered,
  called,
  failed,
  intended,
  refused,
  retryingModel,
  retryingTool,
  review,
  succeeded,
} from '../../test/sim-entries.js';
import { fold, nextMove, numbered, undecidedOf, type CallState, type NewEntry, type RunState } from '../index.js';

const BY = { kind: 'user', id: 'u' } as const;
const queued: NewEntry = { type: 'run.queued', data: { reason: 'accepted', position: 0, unsent: [] } };
const handedBack = (unsent: readonly number[]): NewEntry => ({
  type: 'run.queued',
  data: { reason: 'handed_back', position: 0, unsent },
});
const started: NewEntry = { type: 'run.started', data: { worker: 'w', agentVersion: 1 } };
const resumed = (cause: 'takeover' | 'handed_back' | 'retry'): NewEntry => ({
  type: 'run.resumed',
  data: { worker: 'x', cause, from: null },
});
const parked: NewEntry = { type: 'run.waiting', data: { reason: 'retry', amount: 1, until: 1 } };
const waitingForReview: NewEntry = { type: 'run.waiting', data: { reason: 'review', amount: 1, until: null } };
const reconciled = (how: 'again' | 'absent'): NewEntry => ({
  type: 'tool.reconciled',
  data: { step: 1, call: 0, how, ms: 1 },
});
const decided = (intent: number, decision: 'done' | 'again'): NewEntry => ({
  type: 'review.decided',
  data: { intent, decision, by: BY, result: null },
});
const call = (step: number): NewEntry => called({ do: 'call_model', step, isRepair: false }, fold([]));
const at = (place: number): { step: number; call: number } => ({ step: 1, call: place });
const callOf = (intent: number): CallState => ({ intent, retries: 0 }) as CallState;
const ambiguous = (settleMs: number | null): NewEntry =>
  retryingTool(at(0), callOf(0), { effect: 'ambiguous', delayMs: 1, settleMs });

/** Each claim is an epoch of its own. */
function stateOf(entries: readonly NewEntry[]): RunState {
  let epoch = 0;
  return fold(
    numbered(entries, { seq: 0, at: 1, epoch: 0, batch: 'b' }).map((entry) => {
      if (entry.type === 'run.started' || entry.type === 'run.resumed') epoch += 1;
      return { ...entry, epoch };
    }),
  );
}

/** A move in a few words. */
function said(entries: readonly NewEntry[], maxSteps = 25): string {
  const move = nextMove(stateOf(entries), { maxSteps });
  switch (move.do) {
    case 'fail':
      return `fail ${move.code}`;
    case 'call_model':
      return `call_model ${move.step}${move.isRepair ? ' repair' : ''}`;
    case 'decide':
      return `decide ${move.calls.map((one) => one.call).join(' ')}`;
    case 'work':
      return `work ${move.calls.map((one) => `${one.call.call} ${one.how}`).join(', ')}`;
    default:
      return move.do;
  }
}

/** A run that has been claimed and has the answer with these tools. Its intents begin with seq 5. */
const withAnswer = (...tools: readonly string[]): NewEntry[] => [queued, started, call(1), answered(1, tools)];
const FIRST_INTENT = 5;
const one = (tool: 'R' | 'A' | 'B' | 'C'): NewEntry[] => [...withAnswer(tool), intended(1, 0, tool)];
const inReview = [...one('C'), review(at(0), callOf(FIRST_INTENT))];

describe('the next move of a run', () => {
  const rows: ReadonlyArray<readonly [name: string, entries: readonly NewEntry[], move: string]> = [
    ['begins with the model', [queued, started], 'call_model 1'],
    ['waits for the answer that was asked for', [queued, started, call(1)], 'call_model 1'],
    ['asks the model again after a retry', [queued, started, call(1), retryingModel(1, 1, 1)], 'call_model 1'],
    ['is over with an answer without calls', [...withAnswer()], 'finish'],
    ['decides all that the model wants', [...withAnswer('R', 'A')], 'decide 0 1'],
    ['sends what was just decided', one('C'), 'work 0 send'],
    [
      'sends reads side by side',
      [...withAnswer('R', 'R'), intended(1, 0, 'R'), intended(1, 1, 'R')],
      'work 0 send, 1 send',
    ],
    [
      'sends anything else one after the other',
      [...withAnswer('R', 'A'), intended(1, 0, 'R'), intended(1, 1, 'A')],
      'work 0 send',
    ],
    [
      'decides a further call that cannot be repeated before it sends what comes behind it',
      [...withAnswer('C', 'C', 'A'), intended(1, 0, 'C'), intended(1, 2, 'A'), succeeded(at(0))],
      'decide 1',
    ],
    ['goes on to the model when all calls are done', [...one('R'), succeeded(at(0))], 'call_model 2'],
    [
      'counts a call that was refused as done',
      [...withAnswer('R'), refused(at(0), 'tool_not_granted')],
      'call_model 2',
    ],
    ['sends again what its own try left open', [...one('A'), ambiguous(null)], 'work 0 send'],
    ['looks up what its own try may have left there', [...one('B'), ambiguous(500)], 'work 0 look_up'],
    ['sends after a lookup that found nothing', [...one('B'), ambiguous(500), reconciled('absent')], 'work 0 send'],
    ['sends a read of a lost worker again', [...one('R'), resumed('takeover')], 'work 0 again'],
    ['sends a keyed write of a lost worker again', [...one('A'), resumed('takeover')], 'work 0 again'],
    ['looks up a marked write of a lost worker', [...one('B'), resumed('takeover')], 'work 0 look_up'],
    ['leaves any other write of a lost worker to a person', [...one('C'), resumed('takeover')], 'work 0 review'],
    [
      'sends what was handed back unsent',
      [...one('C'), handedBack([FIRST_INTENT]), resumed('handed_back')],
      'work 0 send',
    ],
    [
      'leaves to a person what was handed back after it was sent',
      [...one('C'), handedBack([]), resumed('handed_back')],
      'work 0 review',
    ],
    [
      'sends what was parked with nothing under way',
      [...one('A'), ambiguous(null), parked, resumed('retry')],
      'work 0 send',
    ],
    [
      'looks up what was parked while it may be found',
      [...one('B'), ambiguous(9), parked, resumed('retry')],
      'work 0 look_up',
    ],
    ['waits for a person', inReview, 'wait_for_review'],
    ['goes on when a person says that it is done', [...inReview, waitingForReview, decided(5, 'done')], 'call_model 2'],
    [
      'sends once more when a person says so',
      [...inReview, waitingForReview, decided(5, 'again'), resumed('retry')],
      'work 0 send',
    ],
    ['repairs once', [queued, started, call(1), answered(1, null)], 'call_model 2 repair'],
    [
      'gives up after the second answer in a row that cannot be used',
      [queued, started, call(1), answered(1, null), call(2), answered(2, null)],
      'fail llm_invalid_tool_call',
    ],
    [
      'gives up after the third tool in a row that does not exist',
      [...withAnswer('x', 'x', 'x'), ...[0, 1, 2].map((place) => refused(at(place), 'tool_unknown'))],
      'fail tool_unknown',
    ],
    [
      'gives up at the third crash in a row',
      [queued, started, resumed('takeover'), resumed('takeover'), resumed('takeover')],
      'fail run_crash_loop',
    ],
    [
      'forgets crashes when there is a result',
      [...withAnswer('R'), resumed('takeover'), resumed('takeover'), intended(1, 0, 'R'), succeeded(at(0))],
      'call_model 2',
    ],
    [
      'does not count being handed back as a crash',
      [queued, started, ...[1, 2, 3].flatMap(() => [handedBack([]), resumed('handed_back')])],
      'call_model 1',
    ],
    ['is cancelled before anything else', [...inReview, { type: 'run.cancel_requested', data: { by: BY } }], 'cancel'],
    ['is nothing after the end', [queued, started, failed('run_timeout')], 'nothing'],
  ];

  it.each(rows)('%s', (_name, entries, move) => {
    expect(said(entries)).toBe(move);
  });

  it('ends a run whose steps are used up', () => {
    expect(said([...one('R'), succeeded(at(0))], 1)).toBe('fail step_limit');
  });
});

describe('what nobody knows of a run that is cancelled', () => {
  const rows: ReadonlyArray<readonly [name: string, entries: readonly NewEntry[], undecided: readonly number[]]> = [
    ['nothing of reads', [...one('R')], []],
    ['a write that was sent', [...one('A')], [5]],
    ['nothing of a write that is known to be done', [...one('A'), succeeded(at(0))], []],
    ['nothing of a write that failed', [...one('A'), refused(at(0), 'tool_failed')], []],
    ['a write that failed after a try that may have worked', [...one('A'), ambiguous(null), refused(at(0), 'x')], [5]],
    [
      'a write of a lost worker that failed when it was repeated',
      [...one('A'), resumed('takeover'), reconciled('again'), refused(at(0), 'x')],
      [5],
    ],
    [
      'nothing of a write that was looked for and is not there',
      [...one('B'), ambiguous(1), reconciled('absent'), refused(at(0), 'x')],
      [],
    ],
    ['a write that was parked after a try that may have worked', [...one('A'), ambiguous(null), parked], [5]],
    ['nothing of a write that was handed back unsent', [...one('C'), handedBack([5])], []],
    [
      'nothing of what stands behind the one that was sent',
      [...withAnswer('A', 'A'), intended(1, 0, 'A'), intended(1, 1, 'A')],
      [5],
    ],
    ['a write that a person is asked about', inReview, [5]],
    ['nothing of what a person said is done', [...inReview, waitingForReview, decided(5, 'done')], []],
    ['what a person let be repeated', [...inReview, waitingForReview, decided(5, 'again')], [5]],
  ];

  it.each(rows)('%s', (_name, entries, undecided) => {
    expect(undecidedOf(stateOf(entries))).toEqual(undecided);
  });
});
