import { Injectable } from '@nestjs/common';
import { SealBrokenError } from '@flowmate/crypto';
import { OutboxRepository, type OutboxMail } from '@flowmate/database';
import { isMailKind, SealedData, writeMail, type MailText } from '@flowmate/mail';
import type { MailboxMailResponse } from './mailbox.response.js';

/** As many as fit one page that somebody reads. */
const SHOWN = 50;
const LINK = /^https?:\/\/\S+$/m;

/** The mails of this instance as their receivers would read them. */
@Injectable()
export class Mailbox {
  constructor(
    private readonly outbox: OutboxRepository,
    private readonly sealed: SealedData,
  ) {}

  async list(): Promise<MailboxMailResponse[]> {
    return (await this.outbox.latest(SHOWN)).map((mail) => this.show(mail));
  }

  private show(mail: OutboxMail): MailboxMailResponse {
    const { id, kind, to, status, createdAt, sentAt } = mail;
    const { subject, text } = this.textOf(mail);
    const link = LINK.exec(text)?.[0] ?? null;
    const times = { createdAt: createdAt.toISOString(), sentAt: sentAt?.toISOString() ?? null };
    return { id, kind, to, subject, text, link, status, ...times };
  }

  private textOf({ id, kind, sealed }: OutboxMail): Pick<MailText, 'subject' | 'text'> {
    if (sealed === null || !isMailKind(kind)) return { subject: kind, text: '' };
    try {
      return writeMail(kind, this.sealed.open(id, kind, sealed));
    } catch (error) {
      // Sealed with another key: the secrets of this checkout were made anew since.
      if (error instanceof SealBrokenError) return { subject: kind, text: '' };
      throw error;
    }
  }
}
