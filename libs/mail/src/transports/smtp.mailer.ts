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
/** Somebody waits for it at a terminal. */
const CHECK_MS = 20_000;
/** A mail is somebody else's to send a minute after it was taken. */
const TOTAL_MS = 30_000;

/** Mail through a server that the operator names. Nodemailer is loaded when the first mail is sent. */
export class SmtpMailer implements Mailer {
  readonly name = 'smtp';

  constructor(private readonly parts: SmtpParts) {}

  async send(mail: OutgoingMail, signal?: AbortSignal): Promise<SentMail> {
    const { createTransport } = await import('nodemailer');
    const late = AbortSignal.timeout(this.parts.totalMs ?? TOTAL_MS);
    const either = signal ? AbortSignal.any([signal, late]) : late;
    const messageId = messageIdOf(mail.id, this.parts.from);
    try {
      // The signal also ends the connection: what was given up must not leave a minute later, beside the next try.
      await createTransport(this.options()).sendMail({ ...this.message(mail, messageId), signal: either });
      return { messageId };
    } catch (error) {
      if (either.aborted) throw new MailError(late.aborted ? 'timeout' : 'interrupted');
      throw new MailError(problemOf(error));
    }
  }

  async check(): Promise<void> {
    const { default: SMTPConnection } = await import('nodemailer/lib/smtp-connection');
    const { auth, ...options } = this.options();
    const connection = new SMTPConnection(options);
    const answered = Promise.withResolvers<void>();
    const end = (error?: Error | null): void => (error ? answered.reject(error) : answered.resolve());
    const late = setTimeout(() => end(new MailError('timeout')), this.parts.totalMs ?? CHECK_MS);
    connection.once('error', end).once('end', () => end(new MailError('interrupted')));
    connection.connect((error) => {
      if (error || !auth || !connection.allowsAuth) end(error);
      else connection.login({ credentials: auth }, end);
    });
    try {
      await answered.promise;
    } catch (error) {
      throw error instanceof MailError ? error : new MailError(problemOf(error));
    } finally {
      clearTimeout(late);
      connection.close();
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
  if (responseCode >= 500 && command === 'MAIL FROM') return 'sender';
  // Anything before it was about this machine, and not about this mail.
  return responseCode >= 500 && (command === 'RCPT TO' || command === 'DATA') ? 'refused' : 'busy';
}
