import type { AppEnv, EgressEnv, MailEnv } from '@flowmate/config';
import { egressFromEnv } from '@flowmate/egress';
import type { Mailer } from '../mail.js';
import { MailboxMailer } from './mailbox.mailer.js';
import { ResendMailer } from './resend.mailer.js';
import { SmtpMailer } from './smtp.mailer.js';

export interface MailerSetup {
  readonly app: AppEnv;
  readonly mail: MailEnv;
  readonly egress: EgressEnv;
}

/** Resend when there is a key for it, else the server that is named, else the mailbox of development. */
export function mailerFromEnv({ app, mail, egress }: MailerSetup): Mailer {
  const { resendKey, smtpUrl, from = '' } = mail;
  if (resendKey) return new ResendMailer({ egress: egressFromEnv({ app, egress }), key: resendKey, from });
  if (smtpUrl) return new SmtpMailer({ url: smtpUrl, from, requiresTls: app.isProduction });
  return new MailboxMailer();
}
