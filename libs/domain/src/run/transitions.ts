import type { EntryType } from './journal-entry.js';
import type { RunStatus } from './run-status.js';

const WORK: readonly EntryType[] = [
  'run.retrying',
  'plan.made',
  'child.started',
  'child.finished',
  'model.called',
  'model.answered',
  'tool.intended',
  'tool.succeeded',
  'tool.failed',
  'tool.reconciled',
  'review.requested',
  'approval.requested',
  'budget.reserved',
  'budget.settled',
];

const ENDS = {
  'run.succeeded': 'succeeded',
  'run.partial': 'partial',
  'run.failed': 'failed',
  'run.cancelled': 'cancelled',
} as const satisfies Partial<Record<EntryType, RunStatus>>;

const staying = (status: RunStatus, types: readonly EntryType[]): Array<[EntryType, RunStatus]> =>
  types.map((type) => [type, status]);

/** What may be appended to a run, by its status, and what its status is then. What is not in here is refused. */
const TRANSITIONS: Readonly<Record<RunStatus, ReadonlyMap<EntryType, RunStatus>>> = {
  queued: new Map<EntryType, RunStatus>([
    // A worker that had to leave may have handed back a run that somebody is asked about.
    ...staying('queued', ['run.queued', 'run.forked', 'run.cancel_requested', 'review.decided', 'approval.decided']),
    ['run.started', 'running'],
    ['run.resumed', 'running'],
    ['run.failed', 'failed'],
    ['run.cancelled', 'cancelled'],
  ]),
  running: new Map<EntryType, RunStatus>([
    ...staying('running', [...WORK, 'run.resumed', 'run.cancel_requested']),
    ['run.queued', 'queued'],
    ['run.waiting', 'waiting'],
    ...(Object.entries(ENDS) as Array<[EntryType, RunStatus]>),
  ]),
  waiting: new Map<EntryType, RunStatus>([
    ...staying('waiting', ['review.decided', 'approval.decided', 'child.finished', 'run.cancel_requested']),
    ['run.resumed', 'running'],
    ['run.failed', 'failed'],
    ['run.cancelled', 'cancelled'],
  ]),
  succeeded: new Map(),
  partial: new Map(),
  failed: new Map(),
  cancelled: new Map(),
};

/** The status after such an entry; undefined when there can be none. A journal begins with `run.queued`. */
export function statusAfter(status: RunStatus, seq: number, type: EntryType): RunStatus | undefined {
  if (seq === 0 && type !== 'run.queued') return undefined;
  return TRANSITIONS[status].get(type);
}

export const isEnd = (type: EntryType): type is keyof typeof ENDS => Object.hasOwn(ENDS, type);

/** Entries that answer a call of a model or a tool: they show that a run gets on. */
export const isResult = (type: EntryType): boolean =>
  type === 'model.answered' || type === 'tool.succeeded' || type === 'tool.failed';
