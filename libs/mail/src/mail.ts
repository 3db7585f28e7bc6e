/** What each kind of mail needs to be written. Nothing here is trusted: every value is escaped where it is written. */
export interface MailData {
  /** A way in, for ten minutes. */
  readonly 'sign-in': { readonly url: string; readonly minutes: number };
  readonly invite: {
    readonly workspace: string;
    readonly inviter: string;
    readonly role: string;
    readonly url: string;
    readonly days: number;
  };
  /** Something happened to the account that its owner should know of. */
  readonly 'security-notice': {
    readonly event: 'refresh_reused' | 'sessions_ended' | 'identity_linked';
    /** ISO 8601. */
    readonly at: string;
    readonly address?: string;
    readonly device?: string;
  };
  /** What an agent has to say to a member of its workspace. */
  readonly notice: { readonly subject: string; readonly text: string };
  readonly 'account-deletion': {
    /** The last day on which it can be taken back, `2026-01-31`. */
    readonly until: string;
    readonly url: string;
  };
}

export type MailKind = keyof MailData;

/** A mail as it is written. */
export interface MailText {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** A mail as it leaves. */
export interface OutgoingMail extends MailText {
  /** Of the outbox: the same mail has the same one at every try. */
  readonly id: string;
  readonly to: string;
}

export interface SentMail {
  readonly messageId: string;
}

/** A way out for mails. It rejects with a {@link MailError} and with nothing else. */
export interface Mailer {
  /** For the log. */
  readonly name: string;
  send(mail: OutgoingMail, signal?: AbortSignal): Promise<SentMail>;
  /** Whether the other side answers and lets us in, as far as that shows without sending anything. */
  check(): Promise<void>;
  /** Lets go of what it holds open. */
  close(): Promise<void>;
}

/** `refused`: this mail will never be taken. All others may pass, `login` and `sender` when an operator mends them. */
export type MailProblem = 'refused' | 'login' | 'sender' | 'busy' | 'unreachable' | 'timeout' | 'interrupted';

/** Why a mail did not leave. Holds nothing that the other side said: it quotes addresses. */
export class MailError extends Error {
  constructor(readonly problem: MailProblem) {
    super(`The mail was not taken: ${problem}.`);
  }

  get isForGood(): boolean {
    return this.problem === 'refused';
  }
}

/** The same for the same mail, so that who gets it twice after a crash can tell. */
export function messageIdOf(id: string, from: string): string {
  const host = /@([^@>]+)>?$/.exec(from)?.[1] ?? 'localhost';
  return `<${id}@${host}>`;
}
