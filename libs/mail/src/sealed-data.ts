import type { EncryptionEnv } from '@flowmate/config';
import { derivedKey, seal, unseal } from '@flowmate/crypto';
import type { MailData, MailKind } from './mail.js';

/** What mails say, unreadable in the store: links in them are keys to accounts. Bound to the mail's id. */
export class SealedData {
  private readonly key: Buffer;

  constructor({ integrationKey }: Pick<EncryptionEnv, 'integrationKey'>) {
    if (!integrationKey) throw new Error('INTEGRATION_ENC_KEY is not set');
    this.key = derivedKey(integrationKey.reveal(), 'mail');
  }

  seal<Kind extends MailKind>(id: string, kind: Kind, data: MailData[Kind]): string {
    return seal(this.key, JSON.stringify(data), placeOf(id, kind));
  }

  /** Throws `SealBrokenError`. What opens was written by `seal` for this kind. */
  open<Kind extends MailKind>(id: string, kind: Kind, sealed: string): MailData[Kind] {
    return JSON.parse(unseal(this.key, sealed, placeOf(id, kind))) as MailData[Kind];
  }
}

const placeOf = (id: string, kind: MailKind): string => `outbox|${id}|${kind}`;
