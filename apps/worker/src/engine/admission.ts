import {
  fold,
  isTerminal,
  JOURNAL_VERSION,
  numbered,
  type NewEntry,
  type ResumeCause,
  type Run,
  type RunState,
} from '@flowmate/domain';

/** Why a run is not begun now. `busy`: somebody has it, or has to. */
type Refusal = 'over' | 'too_new' | 'held' | 'busy' | 'not_due';

/** `crashes`: in how many processes in a row it was when they ended, the last one included. */
export type Admission = { readonly claim: NewEntry; readonly crashes: number } | { readonly refusal: Refusal };

export interface Looking {
  readonly worker: string;
  readonly storeNow: number;
  /** Whether the worker that has it may still have it. */
  readonly isAlive: (worker: string) => Promise<boolean>;
}

const CAUSES: Readonly<Record<string, ResumeCause>> = {
  retry: 'retry',
  review: 'review',
  approval: 'approval',
  children: 'children',
  connection: 'connection',
  budget: 'budget',
};

/** What the document says about a bell: it alone decides. */
export async function admit(run: Run, { worker, storeNow, isAlive }: Looking): Promise<Admission> {
  const state = fold(run.journal);
  if (isTerminal(state.status)) return { refusal: 'over' };
  if (run.needsVersion > JOURNAL_VERSION) return { refusal: 'too_new' };
  const started = (): NewEntry => ({ type: 'run.started', data: { worker, agentVersion: run.agentVersion } });
  const resumed = (cause: ResumeCause, from: string | null = null): NewEntry => ({
    type: 'run.resumed',
    data: { worker, cause, from },
  });
  if (run.owner !== null) {
    if (run.owner !== worker && (await isAlive(run.owner))) return { refusal: 'busy' };
    return admitted(state, resumed('takeover', run.owner));
  }
  if (state.status === 'queued') {
    if (run.wakeAt === null) return { refusal: 'held' };
    return admitted(state, state.startedAt === null ? started() : resumed('handed_back'));
  }
  const isDue = state.isDecided || (run.wakeAt !== null && run.wakeAt <= storeNow);
  if (!isDue) return { refusal: 'not_due' };
  return admitted(state, resumed(CAUSES[state.reason ?? 'retry'] ?? 'retry'));
}

function admitted(state: RunState, claim: NewEntry): Admission {
  const place = { seq: state.seq, at: 0, epoch: state.epoch + 1, batch: '' };
  return { claim, crashes: fold(numbered([claim], place), state).crashes };
}
