import type { OutboxRepository } from '@flowmate/database';
import { newId } from '@flowmate/domain';
import type { MailData, MailKind } from './mail.js';
import type { SealedData } from './sealed-data.js';

export interface PutOptions {
  /** Later than that it is not sent. */
  readonly notAfter?: Date;
  /** Of whoever may put the same mail again: it is sent once. As `newId` of the domain writes them. */
  readonly id?: string;
}

export interface OutboxParts {
  readonly repository: Pick<OutboxRepository, 'insert'>;
  readonly sealed: SealedData;
  /** Tells a worker that something is to do. It may fail or be lost: every worker looks by itself, too. */
  readonly ring: (outboxId: string) => void;
}

/** Where mails are put. What was put is sent, by a worker, sooner or later; nobody waits for a mail server. */
export class Outbox {
  constructor(private readonly parts: OutboxParts) {}

  /** Resolves when the mail is stored. `to` is as `emailAddress` of the domain writes it. Answers its id. */
  async put<Kind extends MailKind>(
    kind: Kind,
    to: string,
    data: MailData[Kind],
    { notAfter, id = newId() }: PutOptions = {},
  ): Promise<string> {
    const { repository, sealed, ring } = this.parts;
    await repository.insert({ id, kind, to, sealed: sealed.seal(id, kind, data), notAfter });
    ring(id);
    return id;
  }
}
