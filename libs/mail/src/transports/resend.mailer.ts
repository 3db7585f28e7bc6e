import type { Secret } from '@flowmate/config';
import {
  EgressError,
  EgressTimeoutError,
  EgressUnreachableError,
  type EgressClient,
  type EgressResponse,
} from '@flowmate/egress';
import { MailError, type Mailer, type MailProblem, type OutgoingMail, type SentMail } from '../mail.js';

export interface ResendParts {
  readonly egress: EgressClient;
  readonly key: Secret;
  readonly from: string;
  /** Another one than the real service's, for tests. */
  readonly origin?: string;
}

const ORIGIN = 'https://api.resend.com';
/** Its answers are one id or one sentence. */
const MAX_ANSWER_BYTES = 65_536;
/** Somebody waits for it at a terminal. */
const CHECK_MS = 5_000;
/** A mail is sent again after a minute anyway. */
const TOTAL_MS = 20_000;

/** Not to be read, too large, not valid: sent again, it would be answered the same. */
const ABOUT_THE_MAIL: ReadonlySet<number> = new Set([400, 413, 422]);

/** Mail through Resend's HTTP API. */
export class ResendMailer implements Mailer {
  readonly name = 'resend';

  constructor(private readonly parts: ResendParts) {}

  async send(mail: OutgoingMail, signal?: AbortSignal): Promise<SentMail> {
    try {
      const answer = await this.post(mail, signal);
      if (!answer.ok) throw new MailError(problemOf(answer.status, await answer.text()));
      return { messageId: idOf(await answer.json()) };
    } catch (error) {
      throw translate(error);
    }
  }

  /** A key may be allowed to do nothing but send, so only that somebody answers is looked at. */
  async check(): Promise<void> {
    const { egress, origin = ORIGIN } = this.parts;
    try {
      const answer = await egress.request({ url: `${origin}/`, method: 'GET', limits: { totalMs: CHECK_MS } });
      await answer.discard();
    } catch (error) {
      throw translate(error);
    }
  }

  close(): Promise<void> {
    return this.parts.egress.close();
  }

  private post({ id, to, subject, html, text }: OutgoingMail, signal?: AbortSignal): Promise<EgressResponse> {
    const { egress, key, from, origin = ORIGIN } = this.parts;
    return egress.request({
      url: `${origin}/emails`,
      method: 'POST',
      headers: {
        authorization: `Bearer ${key.reveal()}`,
        'content-type': 'application/json',
        // Kept for a day there: the same mail sent again after a crash is not a second one.
        'idempotency-key': `flowmate-${id}`,
      },
      // The reference keeps mail clients from folding mails of one subject together.
      body: JSON.stringify({ from, to: [to], subject, html, text, headers: { 'X-Entity-Ref-ID': id } }),
      limits: { totalMs: TOTAL_MS, maxResponseBytes: MAX_ANSWER_BYTES },
      ...(signal && { signal }),
    });
  }
}

function problemOf(status: number, body: string): MailProblem {
  if (status === 401 || status === 403) return 'login';
  // 409: another try with the same key is under way.
  if (status === 408 || status === 409 || status === 429 || status >= 500) return 'busy';
  // A redirection, or a page that is not there: whoever said so was no Resend.
  if (!ABOUT_THE_MAIL.has(status)) return 'interrupted';
  return /"invalid_from_address"/.test(body) ? 'sender' : 'refused';
}

function idOf(answer: unknown): string {
  const id: unknown = typeof answer === 'object' && answer !== null && 'id' in answer ? answer.id : undefined;
  if (typeof id === 'string' && /^[A-Za-z0-9-]{1,64}$/.test(id)) return id;
  throw new MailError('interrupted');
}

function translate(error: unknown): unknown {
  if (error instanceof EgressTimeoutError) return new MailError('timeout');
  if (error instanceof EgressUnreachableError) return new MailError('unreachable');
  return error instanceof EgressError ? new MailError('interrupted') : error;
}
