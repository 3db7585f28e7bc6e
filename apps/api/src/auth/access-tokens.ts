import { createHash, createSecretKey, type KeyObject } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import { Strategy } from 'passport-jwt';
import { TokenSecretsEnv, type Secret } from '@flowmate/config';
import { ID_PATTERN } from '@flowmate/domain';
import type { SessionClaims } from '@flowmate/identity';
import { AuthTokenExpiredError, AuthTokenInvalidError } from './auth.errors.js';

/** How long a stolen one is worth something, and how often a client refreshes. */
export const ACCESS_TOKEN_SECONDS = 900;
/** Clocks of two machines differ by this at most, or one of them is not ready. */
const TOLERANCE_SECONDS = 30;
const ALGORITHM = 'HS256';
/** RFC 9068. */
const TYPE = 'at+jwt';
/** A token of ours has less; nothing longer is looked into. */
const MAX_LENGTH = 1_024;
const HEADER_FIELDS = new Set(['alg', 'typ', 'kid']);

/** A worker's, for a run: known here only to be refused as what it is. */
export interface AgentClaims {
  readonly userId: string;
  readonly workspaceId: string;
}

export type TokenClaims = ({ readonly kind: 'session' } & SessionClaims) | ({ readonly kind: 'agent' } & AgentClaims);

interface Payload {
  readonly sub?: unknown;
  readonly role?: unknown;
  readonly wid?: unknown;
  readonly sid?: unknown;
  readonly sv?: unknown;
  readonly iat?: unknown;
  readonly exp?: unknown;
}

interface Key {
  readonly id: string;
  readonly secret: KeyObject;
}

/** The id of a key says nothing about it but which one it is. */
function keyOf(secret: Secret): Key {
  const text = secret.reveal();
  const id = createHash('sha256').update(`flowmate kid ${text}`).digest('base64url').slice(0, 12);
  return { id, secret: createSecretKey(Buffer.from(text)) };
}

/** Makes and reads access tokens: HS256 only, with keys from a closed list, for this issuer and this audience. */
@Injectable()
export class AccessTokens {
  private readonly current: Key;
  private readonly keys: ReadonlyMap<string, KeyObject>;
  private readonly strategy: Strategy;

  constructor(
    private readonly env: TokenSecretsEnv,
    private readonly jwt: JwtService,
  ) {
    if (!env.jwtSecret) throw new Error('JWT_SECRET is missing.');
    this.current = keyOf(env.jwtSecret);
    const all = [this.current, ...(env.jwtSecretPrevious ? [keyOf(env.jwtSecretPrevious)] : [])];
    this.keys = new Map(all.map(({ id, secret }) => [id, secret]));
    this.strategy = this.makeStrategy();
  }

  sign({ userId, sessionId, sessionVersion }: SessionClaims): string {
    return this.jwt.sign(
      { sid: sessionId, sv: sessionVersion },
      {
        algorithm: ALGORITHM,
        secret: this.current.secret as unknown as Buffer,
        keyid: this.current.id,
        header: { alg: ALGORITHM, typ: TYPE },
        subject: userId,
        issuer: this.env.jwtIssuer,
        audience: this.env.jwtAudience,
        expiresIn: ACCESS_TOKEN_SECONDS,
      },
    );
  }

  /** Throws {@link AuthTokenExpiredError} for one that was good, and {@link AuthTokenInvalidError} for anything else. */
  verify(token: string): TokenClaims {
    const outcome: { claims?: TokenClaims; failure?: unknown } = {};
    // Passport gives each request an object of its own that inherits from the strategy; nothing of it waits.
    const attempt = Object.assign(Object.create(this.strategy) as Strategy, {
      success: (claims: TokenClaims) => (outcome.claims = claims),
      fail: (failure: unknown) => (outcome.failure = failure),
      error: (failure: unknown) => (outcome.failure = failure),
    });
    attempt.authenticate({ token } as never);
    if (outcome.claims) return outcome.claims;
    throw isExpiry(outcome.failure) ? new AuthTokenExpiredError() : new AuthTokenInvalidError();
  }

  private makeStrategy(): Strategy {
    return new Strategy(
      {
        jwtFromRequest: (request) => (request as unknown as { token: string }).token,
        secretOrKeyProvider: (_request, token: string, done) => {
          const secret = this.secretOf(token);
          if (secret) done(null, secret as unknown as Buffer);
          else done(new AuthTokenInvalidError());
        },
        algorithms: [ALGORITHM],
        issuer: this.env.jwtIssuer,
        audience: this.env.jwtAudience,
        jsonWebTokenOptions: { clockTolerance: TOLERANCE_SECONDS, maxAge: ACCESS_TOKEN_SECONDS },
      },
      (payload: Payload, done) => done(null, claimsOf(payload) ?? false),
    );
  }

  /** Only a header that we write names a key, and only one of ours. */
  private secretOf(token: string): KeyObject | undefined {
    if (token.length > MAX_LENGTH) return undefined;
    const header = headerOf(token);
    const isOurs = header && header['alg'] === ALGORITHM && header['typ'] === TYPE && typeof header['kid'] === 'string';
    if (!isOurs || Object.keys(header).some((field) => !HEADER_FIELDS.has(field))) return undefined;
    return this.keys.get(String(header['kid']));
  }
}

function headerOf(token: string): Record<string, unknown> | undefined {
  try {
    const header: unknown = JSON.parse(Buffer.from(token.slice(0, token.indexOf('.')), 'base64url').toString());
    return typeof header === 'object' && header !== null ? (header as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** What the library does not look at: a token from the future, one without an end or with a far one, other contents. */
function claimsOf({ sub, sid, sv, iat, exp, role, wid }: Payload): TokenClaims | undefined {
  if (typeof iat !== 'number' || typeof exp !== 'number' || !isId(sub)) return undefined;
  const now = Date.now() / 1_000;
  if (iat > now + TOLERANCE_SECONDS || exp - iat > ACCESS_TOKEN_SECONDS) return undefined;
  if (role === 'agent') return isId(wid) ? { kind: 'agent', userId: sub, workspaceId: wid } : undefined;
  if (role !== undefined || !isId(sid) || typeof sv !== 'number') return undefined;
  return { kind: 'session', userId: sub, sessionId: sid, sessionVersion: sv };
}

const isId = (value: unknown): value is string => typeof value === 'string' && ID_PATTERN.test(value);

function isExpiry(failure: unknown): boolean {
  return typeof failure === 'object' && failure !== null && 'name' in failure && failure.name === 'TokenExpiredError';
}
