import { isSame, keyedHash, randomToken } from '@flowmate/crypto';
import { ID_PATTERN } from '@flowmate/domain';

/** A mark of ours, so that one that leaked is recognised for what it is. */
const PREFIX = 'fm_refresh_';
/** 96 bits of the seal are enough to tell our own tokens: one that is forged still has no session. */
const SEAL_LENGTH = 16;
const SHAPE = /^fm_refresh_([0-9a-f]{24})\.([A-Za-z0-9_-]{43})\.([A-Za-z0-9_-]{16})$/;

export interface RefreshToken {
  readonly text: string;
  readonly sessionId: string;
}

/**
 * Refresh tokens name their session and carry 256 random bits and a seal. The seal tells one that we made long ago,
 * which nobody honest still holds, from one that somebody made up: only the first ends the session.
 */
export class RefreshTokens {
  /** Another purpose, another key, though both come from one secret. */
  constructor(
    private readonly hashKey: Buffer,
    private readonly sealKey: Buffer,
  ) {}

  make(sessionId: string): RefreshToken {
    const body = `${sessionId}.${randomToken()}`;
    return { sessionId, text: `${PREFIX}${body}.${this.sealOf(body)}` };
  }

  /** What is ours and whole; anything else is `undefined`. */
  read(text: string): RefreshToken | undefined {
    const [, sessionId = '', random = '', seal = ''] = SHAPE.exec(text) ?? [];
    if (!ID_PATTERN.test(sessionId)) return undefined;
    return isSame(seal, this.sealOf(`${sessionId}.${random}`)) ? { text, sessionId } : undefined;
  }

  hash({ text }: RefreshToken): string {
    return keyedHash(this.hashKey, text);
  }

  private sealOf(body: string): string {
    return keyedHash(this.sealKey, body).slice(0, SEAL_LENGTH);
  }
}
