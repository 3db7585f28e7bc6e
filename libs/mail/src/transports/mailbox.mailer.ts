import { messageIdOf, type Mailer, type OutgoingMail, type SentMail } from '../mail.js';

/** For development: the mail stays in the outbox, where the page of the mailbox shows it. */
export class MailboxMailer implements Mailer {
  readonly name = 'mailbox';

  send({ id }: OutgoingMail): Promise<SentMail> {
    return Promise.resolve({ messageId: messageIdOf(id, '') });
  }

  check(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
