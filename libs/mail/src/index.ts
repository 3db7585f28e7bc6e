export { Dispatcher, type DispatcherParts, type MayReceive } from './dispatcher.js';
export {
  MailError,
  type Mailer,
  type MailData,
  type MailKind,
  type MailProblem,
  type MailText,
  type OutgoingMail,
} from './mail.js';
export { Outbox, type OutboxParts, type PutOptions } from './outbox.js';
export { SealedData } from './sealed-data.js';
export { mayReceiveLinks } from './sign-up-mail.js';
export { isMailKind, MAIL_KINDS, writeMail } from './templates/all-templates.js';
export { mailerFromEnv, type MailerSetup } from './transports/mailer-from-env.js';
