import type { Dispatcher } from '@flowmate/mail';
import { handle, MAIL_DISPATCH_JOB, type JobHandler } from '@flowmate/queue';
import type { Duty } from '../duties/duty.js';

/** A bell that was lost costs a mail that much. */
const EVERY_MS = 5_000;
/** Pages of ten that wait for a slow server, several times over; what is left waits for the next run. */
const DEADLINE_MS = 120_000;

/** Mails leave when somebody rings, and by themselves when nobody did. */
export class MailDispatch {
  constructor(private readonly dispatcher: Dispatcher) {}

  readonly duty: Duty = {
    name: 'mail-dispatch',
    everyMs: EVERY_MS,
    deadlineMs: DEADLINE_MS,
    run: (signal) => this.dispatcher.dispatchDue(signal),
  };

  readonly handler: JobHandler = handle(MAIL_DISPATCH_JOB, ({ outboxId }, signal) =>
    this.dispatcher.dispatch(outboxId, signal),
  );
}
