import { LONGEST_SLEEP_MS, type CallMove, type CallState, type NewEntry } from '../src/index.js';
import { SETTLE_MS, type Answer, type Chance, type RunWorld } from './run-world.js';
import { refused, retryingTool, review, succeeded, type Place } from './sim-entries.js';

/** What of a session matters to its calls. */
export interface Sending {
  readonly claimedAt: number;
  readonly sentAt: Map<number, number>;
  isCancelled: boolean;
}

/** Tries of a call, the first included. */
export const TRIES = 4;
const MAX_LOOKUPS = 20;
export const NAP_MS = 1_000;

/** How a worker calls tools and what it makes of what came of it, by their classes. */
export class SimTools {
  constructor(
    private readonly world: RunWorld,
    private readonly chance: Chance,
  ) {}

  call(session: Sending, step: number, { call: state, how }: CallMove): NewEntry[] {
    const place = { step, call: state.call };
    if (how === 'look_up') return this.lookUp(session, place, state);
    session.sentAt.set(state.intent, this.world.now);
    const again: NewEntry[] =
      how === 'again' ? [{ type: 'tool.reconciled', data: { ...place, how: 'again', ms: 0 } }] : [];
    const answer = this.world.send({ intent: state.intent, ...place, key: state.key, class: state.class ?? 'C' });
    // Somebody cancels while it is under way: what has not left is known not to have, the rest is left open.
    if (answer !== 'done' && this.chance(6) === 1 && this.world.state.isCancelRequested) {
      if (answer === 'refused') session.sentAt.delete(state.intent);
      session.isCancelled = true;
      return answer === 'refused' && state.class !== 'R' ? [...again, refused(place, 'tool_aborted')] : [];
    }
    if (answer === 'done') return [...again, succeeded(place)];
    if (answer !== 'unknown') session.sentAt.delete(state.intent);
    return [...again, this.triedInVain(session, place, { state, answer })];
  }

  private lookUp(session: Sending, place: Place, state: CallState): NewEntry[] {
    if (this.chance(6) === 1) return [this.lookLater(session, place, state)];
    if (this.world.find(state.key))
      return [{ type: 'tool.reconciled', data: { ...place, how: 'found', ms: 0 } }, succeeded(place)];
    if (this.settleMsLeft(session, state) <= 0)
      return [{ type: 'tool.reconciled', data: { ...place, how: 'absent', ms: 0 } }];
    return [this.lookLater(session, place, state)];
  }

  private settleMsLeft(session: Sending, { isSettled, intent }: CallState): number {
    return isSettled ? 0 : SETTLE_MS - (this.world.now - (session.sentAt.get(intent) ?? session.claimedAt));
  }

  private lookLater(session: Sending, place: Place, state: CallState): NewEntry {
    if (state.retries >= MAX_LOOKUPS) return review(place, state);
    const leftMs = Math.max(this.settleMsLeft(session, state), 1);
    // Some parks are long enough that the run leaves: then it has slept the whole of it.
    const delayMs = this.chance(4) === 1 ? LONGEST_SLEEP_MS + leftMs : Math.min(NAP_MS, leftMs + 1);
    return retryingTool(place, state, { effect: 'ambiguous', delayMs, settleMs: leftMs });
  }

  private triedInVain(
    session: Sending,
    place: Place,
    { state, answer }: { state: CallState; answer: Exclude<Answer, 'done'> },
  ): NewEntry {
    const isTransient = answer !== 'denied';
    const effect = answer === 'unknown' ? 'ambiguous' : 'none';
    const mayRetry = isTransient && state.retries + 1 < TRIES;
    const delayMs = this.chance(6) === 1 ? LONGEST_SLEEP_MS + 1 : NAP_MS;
    const again = retryingTool(place, state, { effect, delayMs, settleMs: null });
    if (state.class === 'R' || effect === 'none') {
      if (mayRetry) return again;
      return state.isAmbiguous && isTransient ? review(place, state) : refused(place, 'tool_failed');
    }
    if (state.class === 'A' && mayRetry) return again;
    return state.class === 'B' ? this.lookLater(session, place, state) : review(place, state);
  }
}
