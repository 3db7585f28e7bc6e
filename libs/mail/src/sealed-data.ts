import { integrationKeys, type EncryptionKeys } from '@flowmate/config';
import { derivedKey, seal, unsealWithAny } from '@flowmate/crypto';
import type { MailData, MailKind } from './mail.js';

/** What mails say, unreadable in the store: links in them are keys to accounts. Bound to the mail's id. */
export class SealedData {
  private readonly key: Buffer;
  /** A mail that was put before the key was changed still leaves. */
  private readonly keys: readonly Buffer[];

  constructor(encryption: EncryptionKeys) {
    const { current, previous } = integrationKeys(encryption);
    const keyOf = (secret: string): Buffer => derivedKey(secret, 'mail');
    this.key = keyOf(current);
    this.keys = [this.key, ...previous.map(keyOf)];
  }

  seal<Kind extends MailKind>(id: string, kind: Kind, data: MailData[Kind]): string {
    return seal(this.key, JSON.stringify(data), placeOf(id, kind));
  }

  /** Throws `SealBrokenError`. What opens was written by `seal` for this kind. */
  open<Kind extends MailKind>(id: string, kind: Kind, sealed: string): MailData[Kind] {
    return JSON.parse(unsealWithAny(this.keys, sealed, placeOf(id, kind))) as MailData[Kind];
  }
}

const placeOf = (id: string, kind: MailKind): string => `outbox|${id}|${kind}`;
