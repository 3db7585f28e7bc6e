import { AppEnv, EgressEnv, MailEnv } from '@flowmate/config';
import { MailError, mailerFromEnv, type MailProblem } from '@flowmate/mail';
import { fail, ok, skipped, type Finding } from './finding.js';
import { settingsOf } from './settings.check.js';

const SAYS: Readonly<Record<MailProblem, string>> = {
  refused: 'refuses us',
  login: 'refuses the login',
  sender: 'refuses the sender',
  busy: 'has no time at the moment',
  unreachable: 'cannot be reached',
  timeout: 'does not answer in time',
  interrupted: 'broke off',
};

/** Mail: a way out is set, and somebody answers there. Nothing is sent. */
export async function checkMail(): Promise<Finding[]> {
  const env = settingsOf([AppEnv, MailEnv, EgressEnv]);
  if (!env) return [skipped('mail', 'its settings have to be mended first')];
  const mailer = mailerFromEnv({ app: env.get(AppEnv), mail: env.get(MailEnv), egress: env.get(EgressEnv) });
  try {
    await mailer.check();
    if (mailer.name === 'mailbox') return [ok('mail', 'goes to the mailbox of development, /dev/mailbox')];
    return [ok('mail', `${mailer.name} answers`)];
  } catch (error) {
    if (!(error instanceof MailError)) throw error;
    const setting = mailer.name === 'resend' ? 'RESEND_API_KEY, and the way out of this machine' : 'SMTP_URL';
    return [fail('mail', `${mailer.name} ${SAYS[error.problem]}`, `Look at ${setting}.`)];
  } finally {
    await mailer.close();
  }
}
