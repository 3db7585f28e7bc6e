export const RUN_STATUSES = ['queued', 'running', 'waiting', 'succeeded', 'partial', 'failed', 'cancelled'] as const;
export type RunStatus = (typeof RUN_STATUSES)[number];

/** What a waiting run waits for. */
export const WAIT_REASONS = ['retry', 'approval', 'children', 'connection', 'budget', 'review'] as const;
export type WaitReason = (typeof WAIT_REASONS)[number];

export const TERMINAL_STATUSES = [
  'succeeded',
  'partial',
  'failed',
  'cancelled',
] as const satisfies readonly RunStatus[];
export const OPEN_STATUSES = ['queued', 'running', 'waiting'] as const satisfies readonly RunStatus[];

/** What a run is of. */
export const RUN_KINDS = ['agent', 'router', 'workflow'] as const;
export type RunKind = (typeof RUN_KINDS)[number];

/** What started a run. */
export const RUN_TRIGGERS = ['api', 'retry', 'fork', 'schedule', 'event', 'router', 'workflow'] as const;
export type RunTrigger = (typeof RUN_TRIGGERS)[number];

const TERMINAL: ReadonlySet<RunStatus> = new Set(TERMINAL_STATUSES);

export const isTerminal = (status: RunStatus): boolean => TERMINAL.has(status);
