import { derivedKey, isSame, keyedHash } from '@flowmate/crypto';
import type { AuditEntryDocument, AuditHeadDocument } from '@flowmate/database';

/** What stands before the first entry of every trail. */
export const GENESIS = 'genesis';

/** 48 bits tell the few keys of an installation apart, and nothing about them. */
const KEY_ID_LENGTH = 8;

export type UnsignedEntry = Omit<AuditEntryDocument, 'keyId' | 'hash'>;
type End = Pick<AuditHeadDocument, 'seq' | 'hash' | 'keyId' | 'seal'>;
type Beginning = Pick<AuditHeadDocument, 'firstSeq' | 'cutHash' | 'cutKeyId' | 'cutSeal'>;

/** `other-key`: made with a key that is not there, so nothing can be said. */
export type Proof = 'good' | 'bad' | 'other-key';

/**
 * The hashes that chain a trail. They are made with a key, so whoever can write to the store alone cannot make one
 * that holds. Every field of an entry is in its hash, also its place and the hash of the entry before it.
 */
export class AuditChain {
  private readonly keys = new Map<string, Buffer>();
  private readonly keyId: string;

  /** New entries are made with the current secret; older ones are still verified with those that were before it. */
  constructor(current: string, previous: readonly string[] = []) {
    const [keyId] = [current, ...previous].map((secret) => this.add(derivedKey(secret, 'audit')));
    this.keyId = keyId ?? '';
  }

  sign(entry: UnsignedEntry): AuditEntryDocument {
    const withKey = { ...entry, keyId: this.keyId };
    return { ...withKey, hash: this.hash(this.keyId, withKey) ?? '' };
  }

  end(trail: string, seq: number, hash: string): End {
    return { seq, hash, keyId: this.keyId, seal: this.hash(this.keyId, ['end', trail, seq, hash]) ?? '' };
  }

  beginning(trail: string, firstSeq: number, cutHash: string): Beginning {
    const cutSeal = this.hash(this.keyId, ['beginning', trail, firstSeq, cutHash]) ?? '';
    return { firstSeq, cutHash, cutKeyId: this.keyId, cutSeal };
  }

  proofOf(entry: AuditEntryDocument): Proof {
    const { hash, ...rest } = entry;
    return this.compare(entry.keyId, rest, hash);
  }

  proofOfEnd({ _id: trail, seq, hash, keyId, seal }: AuditHeadDocument): Proof {
    return this.compare(keyId, ['end', trail, seq, hash], seal);
  }

  proofOfBeginning({ _id: trail, firstSeq, cutHash, cutKeyId, cutSeal }: AuditHeadDocument): Proof {
    return this.compare(cutKeyId, ['beginning', trail, firstSeq, cutHash], cutSeal);
  }

  private add(key: Buffer): string {
    const keyId = keyedHash(key, 'id').slice(0, KEY_ID_LENGTH);
    this.keys.set(keyId, key);
    return keyId;
  }

  private compare(keyId: string, content: unknown, given: unknown): Proof {
    const expected = this.hash(keyId, content);
    if (expected === undefined) return 'other-key';
    return typeof given === 'string' && isSame(expected, given) ? 'good' : 'bad';
  }

  private hash(keyId: string, content: unknown): string | undefined {
    const key = this.keys.get(keyId);
    return key && keyedHash(key, canonical(content));
  }
}

/** One text for one content, whatever order the fields came back in. A date and its text are not the same. */
function canonical(value: unknown): string {
  if (value instanceof Date) return `date ${value.getTime()}`;
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'undefined';
  const fields = Object.entries(value)
    .filter(([, field]) => field !== undefined)
    .sort(([one], [other]) => (one < other ? -1 : 1));
  return `{${fields.map(([name, field]) => `${JSON.stringify(name)}:${canonical(field)}`).join(',')}}`;
}
