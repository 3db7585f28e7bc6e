import { isTerminal, JOURNAL_VERSION, fold, type NewEntry, type ResumeCause, type Run } from '@flowmate/domain';

/** Why a run is not begun now. `busy`: somebody has it, or has to. */
export type Refusal = 'over' | 'too_new' | 'held' | 'busy' | 'not_due';

export type Admission = { readonly claim: NewEntry; readonly isSuspect: boolean } | { readonly refusal: Refusal };

export interface Looking {
  readonly worker: string;
  readonly storeNow: number;
  /** Whether the worker that has it may still have it. */
  readonly isAlive: (worker: string) => Promise<boolean>;
}

/** After so many crashes a run is begun only where no other such run is: it may be the one that kills. */
const SUSPECT_CRASHES = 2;

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
    return { claim: resumed('takeover', run.owner), isSuspect: state.crashes >= SUSPECT_CRASHES };
  }
  const isSuspect = state.crashes >= SUSPECT_CRASHES;
  if (state.status === 'queued') {
    if (run.wakeAt === null) return { refusal: 'held' };
    return { claim: state.startedAt === null ? started() : resumed('handed_back'), isSuspect };
  }
  const isDue = state.isDecided || (run.wakeAt !== null && run.wakeAt <= storeNow);
  if (!isDue) return { refusal: 'not_due' };
  return { claim: resumed(CAUSES[state.reason ?? 'retry'] ?? 'retry'), isSuspect };
}
