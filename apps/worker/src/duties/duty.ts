/** Something that every worker does now and then. Two workers may do it at the same moment, and one may be killed in it. */
export interface Duty {
  readonly name: string;
  /** From the end of one run to the next, give or take a tenth. */
  readonly everyMs: number;
  /** After that its signal is aborted. */
  readonly deadlineMs: number;
  run(signal: AbortSignal): Promise<void>;
}
