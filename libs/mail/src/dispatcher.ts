import { SealBrokenError } from '@flowmate/crypto';
import type { MailClaim, MailEnd, OutboxMail, OutboxRepository } from '@flowmate/database';
import { newId } from '@flowmate/domain';
import type { Logger, Metrics } from '@flowmate/observability';
import { MailError, type Mailer, type MailText } from './mail.js';
import { MailMetrics } from './mail-metrics.js';
import type { SealedData } from './sealed-data.js';
import { isMailKind, writeMail } from './templates/all-templates.js';

/** Whether a link may go to this address: somebody who has an account, or may make one. */
export type MayReceive = (address: string) => Promise<boolean>;

export interface DispatcherParts {
  readonly repository: Pick<OutboxRepository, 'due' | 'waitingSince' | 'claim' | 'finish' | 'retry' | 'now'>;
  readonly sealed: SealedData;
  readonly mailer: Mailer;
  readonly mayReceive: MayReceive;
  /** The page of the mailbox shows them; elsewhere nobody needs what was sent. */
  readonly keepsContent: boolean;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

const MINUTE_MS = 60_000;
/** Longer than any transport takes: after that its sender is dead, and the mail is anybody's. */
const LEASE_MS = MINUTE_MS;
/** After the first, second, … try: an outage of minutes costs minutes, and one of half a day no mail. */
const RETRY_MS = [1, 2, 5, 15, 60, 180, 360].map((minutes) => minutes * MINUTE_MS);
/** How many are sent side by side. */
const PAGE = 10;

/** Sends what is in the outbox. Any number of them may run: a mail is its claimer's alone. */
export class Dispatcher {
  private readonly metrics: MailMetrics;

  constructor(private readonly parts: DispatcherParts) {
    this.metrics = new MailMetrics(parts.metrics);
  }

  /** Everything that is due, until there is nothing more. */
  async dispatchDue(signal?: AbortSignal): Promise<void> {
    const { repository } = this.parts;
    // Most of the time there is nothing, and then one question is enough.
    if (!(await repository.waitingSince())) return this.metrics.oldest(0);
    for (;;) {
      // oxlint-disable-next-line no-await-in-loop -- the next page is what this one leaves
      const now = await repository.now();
      // oxlint-disable-next-line no-await-in-loop
      const page = await repository.due(now, PAGE);
      if (page.length === 0 || signal?.aborted) return this.tellOldest(now);
      // oxlint-disable-next-line no-await-in-loop -- all of them: who stops must not leave one half sent
      const ends = await Promise.allSettled(page.map((id) => this.take(id, now, signal)));
      for (const end of ends) if (end.status === 'rejected') throw end.reason;
    }
  }

  /** One that is tried again in hours is late all the same. */
  private async tellOldest(now: Date): Promise<void> {
    const since = await this.parts.repository.waitingSince();
    this.metrics.oldest(since ? now.getTime() - since.getTime() : 0);
  }

  /** One that somebody rang for. It may be sent already, or be another one's by now: then nothing happens. */
  async dispatch(id: string, signal?: AbortSignal): Promise<void> {
    await this.take(id, await this.parts.repository.now(), signal);
  }

  private async take(id: string, now: Date, signal?: AbortSignal): Promise<void> {
    const claim: MailClaim = { id, claim: newId() };
    const mail = await this.parts.repository.claim(claim, now, new Date(now.getTime() + LEASE_MS));
    if (!mail) return;
    if (mail.notAfter && mail.notAfter <= now) return this.end(claim, mail, { status: 'dropped', reason: 'too_late' });
    // One that always kills its sender is not tried for ever.
    if (mail.attempts > RETRY_MS.length + 1) return this.end(claim, mail, { status: 'failed', reason: 'gave_up' });
    if (mail.kind === 'sign-in' && !(await this.parts.mayReceive(mail.to)))
      return this.end(claim, mail, { status: 'dropped', reason: 'sign_up_closed' });
    await this.send(claim, mail, now, signal);
  }

  private async send(claim: MailClaim, mail: OutboxMail, now: Date, signal?: AbortSignal): Promise<void> {
    try {
      const { messageId } = await this.parts.mailer.send({ id: mail.id, to: mail.to, ...this.textOf(mail) }, signal);
      await this.end(claim, mail, { status: 'sent', messageId });
    } catch (error) {
      if (error instanceof SealBrokenError) await this.end(claim, mail, { status: 'failed', reason: 'unreadable' });
      else if (error instanceof MailError) await this.failed(claim, mail, now, error);
      else throw error;
    }
  }

  /** A kind that only a newer version knows is left to one. */
  private textOf({ id, kind, sealed }: OutboxMail): MailText {
    if (!isMailKind(kind)) throw new MailError('busy');
    if (sealed === null) throw new SealBrokenError();
    return writeMail(kind, this.parts.sealed.open(id, kind, sealed));
  }

  private async failed(claim: MailClaim, mail: OutboxMail, now: Date, error: MailError): Promise<void> {
    const pauseMs = RETRY_MS[mail.attempts - 1];
    const dueAt = new Date(now.getTime() + (pauseMs ?? 0));
    const isLost = error.isForGood || pauseMs === undefined || (mail.notAfter !== null && dueAt >= mail.notAfter);
    if (isLost) return this.end(claim, mail, { status: 'failed', reason: error.problem });
    this.metrics.ended(mail.kind, 'retried');
    this.tell(mail, error.problem, 'a mail was not taken; it is tried again');
    await this.parts.repository.retry(claim, dueAt, error.problem);
  }

  private async end(claim: MailClaim, mail: OutboxMail, end: Omit<MailEnd, 'keepsContent'>): Promise<void> {
    const { repository, keepsContent } = this.parts;
    // Another one's by now: this was late, and that one says what became of it.
    if (!(await repository.finish(claim, { ...end, keepsContent }))) return;
    this.metrics.ended(mail.kind, end.status);
    if (end.status === 'failed') this.tell(mail, end.reason ?? '', 'a mail could not be sent');
  }

  /** Neither the address nor what the server said. */
  private tell(mail: OutboxMail, reason: string, message: string): void {
    const { logger, mailer } = this.parts;
    logger.warn(message, { component: mailer.name, reason, count: mail.attempts });
  }
}
