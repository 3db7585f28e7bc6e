import { IsOptional } from 'class-validator';
import type { Secret } from '../secret.js';
import { FromEnv } from '../setting.js';
import { secret, text } from '../setting-kinds.js';
import { IsMailSender, IsOrigin, IsSmtpUrl } from '../validators.js';

/** How mail leaves, and where the links in it lead. Both processes hold it. */
export class MailEnv {
  static readonly title = 'Mail';

  static rules(env: MailEnv, production: boolean): Array<{ name: string; rule: string }> {
    const hasTransport = env.resendKey !== undefined || env.smtpUrl !== undefined;
    const problems: Array<{ name: string; rule: string }> = [];
    if (production && !hasTransport)
      problems.push({ name: 'RESEND_API_KEY', rule: 'or SMTP_URL is required in production' });
    if (hasTransport && env.from === undefined)
      problems.push({ name: 'RESEND_FROM_EMAIL', rule: 'is required when RESEND_API_KEY or SMTP_URL is set' });
    // Not `requiredInProduction`: what is, is made up for development as a secret.
    if (production && env.publicAppUrl === undefined)
      problems.push({ name: 'PUBLIC_APP_URL', rule: 'is required in production' });
    if (production && env.publicAppUrl?.startsWith('http:'))
      problems.push({ name: 'PUBLIC_APP_URL', rule: 'must be https in production' });
    return problems;
  }

  @FromEnv('RESEND_API_KEY', {
    kind: secret,
    doc: 'Sends mail through Resend. It goes before `SMTP_URL`. With neither, mail stays in the mailbox of development; production needs one of them.',
  })
  resendKey: Secret | undefined;

  /** Holds a password, so it is a secret as a whole. */
  @FromEnv('SMTP_URL', {
    kind: secret,
    doc: 'Sends mail through this server. Production sends only over TLS: `smtps://`, or `smtp://` with STARTTLS.',
    example: 'smtps://user:password@mail.example.com:465',
  })
  @IsSmtpUrl()
  smtpUrl: Secret | undefined;

  @FromEnv('RESEND_FROM_EMAIL', {
    kind: text,
    doc: 'Whom mail comes from, whichever way it leaves: an address, or a name and an address.',
    example: 'FlowMate <mail@example.com>',
  })
  @IsMailSender()
  from: string | undefined;

  @FromEnv('PUBLIC_APP_URL', {
    kind: text,
    doc: 'Origin under which people reach the api, without a path: links in mails lead there. https in production.',
    defaultDoc: 'http://127.0.0.1 and the port of the API, in production required',
    example: 'https://flowmate.example.com',
  })
  @IsOptional()
  @IsOrigin()
  publicAppUrl: string | undefined;
}
