import type { Secret } from '@flowmate/config';
import type { SendMailOptions } from 'nodemailer';
import { MailError, messageIdOf, type Mailer, type MailProblem, type OutgoingMail, type SentMail } from '../mail.js';

export interface SmtpParts {
  readonly url: Secret;
  readonly from: string;
  /** Nothing is said in clear but on this machine. */
  readonly requiresTls: boolean;
  readonly totalMs?: number;
}

/** Submission with TLS from the first byte (RFC 8314), and with STARTTLS (RFC 6409). */
const PORTS: Readonly<Record<string, number>> = { 'smtps:': 465, 'smtp:': 587 };
const LOOPBACK = /^(localhost|127(\.\d+){3}|\[?::1\]?)$/;
const CONNECT_MS = 5_000;
/** Of silence; some servers look the sender up before they greet. */
const IDLE_MS = 15_000;
/** A mail is somebody else's to send a minute after it was taken. */
const TOTAL_MS = 30_000;

/** Mail through a server that the operator names. Nodemailer is loaded when the first mail is sent. */
export class SmtpMailer implements Mailer {
  readonly name = 'smtp';

  constructor(private readonly parts: SmtpParts) {}

  async send(mail: OutgoingMail, signal?: AbortSignal): Promise<SentMail> {
    const { createTransport } = await import('nodemailer');
    const transport = createTransport(this.options());
    const late = AbortSignal.timeout(this.parts.totalMs ?? TOTAL_MS);
    const given = Promise.withResolvers<never>();
    const giveUp = (): void => given.reject(new MailError(late.aborted ? 'timeout' : 'interrupted'));
    const either = signal ? AbortSignal.any([signal, late]) : late;
    if (either.aborted) giveUp();
    either.addEventListener('abort', giveUp, { once: true });
    try {
      const messageId = messageIdOf(mail.id, this.parts.from);
      await Promise.race([transport.sendMail(this.message(mail, messageId)), given.promise]);
      return { messageId };
    } catch (error) {
      throw error instanceof MailError ? error : new MailError(problemOf(error));
    } finally {
      either.removeEventListener('abort', giveUp);
      transport.close();
    }
  }

  async check(): Promise<void> {
    const { createTransport } = await import('nodemailer');
    const transport = createTransport(this.options());
    try {
      await transport.verify();
    } catch (error) {
      throw new MailError(problemOf(error));
    } finally {
      transport.close();
    }
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  private options() {
    const url = new URL(this.parts.url.reveal());
    const host = url.hostname.replace(/^\[|\]$/g, '');
    return {
      host,
      port: url.port === '' ? (PORTS[url.protocol] ?? 0) : Number(url.port),
      secure: url.protocol === 'smtps:',
      requireTLS: this.parts.requiresTls && !LOOPBACK.test(host),
      tls: { minVersion: 'TLSv1.2' as const },
      ...(url.username !== '' && {
        auth: { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) },
      }),
      connectionTimeout: CONNECT_MS,
      greetingTimeout: IDLE_MS,
      socketTimeout: IDLE_MS,
      dnsTimeout: CONNECT_MS,
      disableFileAccess: true,
      disableUrlAccess: true,
      logger: false,
    };
  }

  private message({ to, subject, html, text }: OutgoingMail, messageId: string): SendMailOptions {
    const { from } = this.parts;
    const sender = /<([^<>]+)>$/.exec(from)?.[1] ?? from;
    return {
      from,
      // As an object and with an envelope of its own: nobody looks for further addresses in it.
      to: { name: '', address: to },
      envelope: { from: sender, to: [to] },
      subject,
      html,
      text,
      messageId,
      headers: { 'Auto-Submitted': 'auto-generated' },
    };
  }
}

/** Codes of Nodemailer's errors that say enough by themselves. */
const PROBLEMS: Readonly<Record<string, MailProblem>> = {
  EAUTH: 'login',
  ENOAUTH: 'login',
  EOAUTH2: 'login',
  ECONNECTION: 'unreachable',
  EDNS: 'unreachable',
  ESOCKET: 'unreachable',
  ECONNREFUSED: 'unreachable',
  ETLS: 'unreachable',
  EREQUIRETLS: 'unreachable',
  ETIMEDOUT: 'timeout',
};

function problemOf(error: unknown): MailProblem {
  const { code, responseCode, command } = (typeof error === 'object' && error !== null ? error : {}) as Readonly<
    Record<'code' | 'responseCode' | 'command', unknown>
  >;
  const known = typeof code === 'string' ? PROBLEMS[code] : undefined;
  if (known) return known;
  if (typeof responseCode !== 'number') return 'interrupted';
  if (responseCode < 500) return 'busy';
  return command === 'MAIL FROM' ? 'sender' : 'refused';
}
