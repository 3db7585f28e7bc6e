import type { Session, SessionRepository, User, UserRepository } from '@flowmate/database';
import { INSTANCE_TRAIL, newId, ResourceNotFoundError, type AuditEntry, type AuditTrail } from '@flowmate/domain';
import type { Clock } from '../clock.js';
import { RefreshInvalidError, RefreshRaceError, RefreshReusedError } from '../identity.errors.js';
import type { WarnPerson } from '../warning.js';
import { deviceName, type Device } from './device.js';
import type { RefreshToken, RefreshTokens } from './refresh-token.js';
import { sessionState, type SessionState } from './session-state.js';

/** Absolute: however often a session is refreshed, after that the person signs in again. */
export const SESSION_MS = 7 * 86_400_000;
/** Two tabs that refresh at once do so within this; who comes later with an old token has no honest reason. */
const RACE_MS = 10_000;

export interface OpenedSession {
  readonly sessionId: string;
  readonly userId: string;
  readonly sessionVersion: number;
  readonly refreshToken: string;
  readonly expiresAt: Date;
}

export interface SessionParts {
  readonly sessions: SessionRepository;
  readonly users: UserRepository;
  readonly tokens: RefreshTokens;
  readonly audit: AuditTrail;
  readonly warn: WarnPerson;
  readonly clock: Clock;
}

/** Ids tell seconds apart, and no more. */
const latestFirst = (one: Session, other: Session): number => other.createdAt.getTime() - one.createdAt.getTime();

/** Sessions: opened by a sign-in, carried on by refresh tokens, ended by their person or an admin. */
export class SessionService {
  constructor(private readonly parts: SessionParts) {}

  /** `via`: how the person has proven who he is. */
  async open(user: Pick<User, 'id' | 'sessionVersion'>, from: Device, via: 'link' | 'oidc'): Promise<OpenedSession> {
    const { address, userAgent } = from;
    const now = this.parts.clock();
    const id = newId(now.getTime());
    const token = this.parts.tokens.make(id);
    const expiresAt = new Date(now.getTime() + SESSION_MS);
    await this.parts.sessions.create({
      id,
      userId: user.id,
      sessionVersion: user.sessionVersion,
      refreshHash: this.parts.tokens.hash(token),
      createdAt: now,
      expiresAt,
      lastUsedAt: now,
      device: deviceName(userAgent),
      address,
    });
    const act = { action: 'auth.signed_in', actor: { kind: 'user', id: user.id } } as const;
    await this.record({ ...act, target: { kind: 'session', id }, from, details: { via } });
    const { sessionVersion } = user;
    return { sessionId: id, userId: user.id, sessionVersion, refreshToken: token.text, expiresAt };
  }

  /** A new token for an old one, once. */
  async refresh(text: string, from: Device): Promise<OpenedSession> {
    const token = this.parts.tokens.read(text);
    if (!token) throw new RefreshInvalidError();
    const session = await this.parts.sessions.find(token.sessionId);
    const now = this.parts.clock();
    if (!session || session.endedAt || session.expiresAt <= now) throw new RefreshInvalidError();
    const user = await this.parts.users.find(session.userId);
    if (!user || user.disabledAt || user.deletedAt || user.sessionVersion !== session.sessionVersion)
      throw new RefreshInvalidError();
    const hash = this.parts.tokens.hash(token);
    if (session.refreshHash !== hash) throw await this.misuse(session, hash, { user, from });
    return this.rotate(session, token, from);
  }

  /**
   * Answers the session that ended; none when the token is worth nothing. One that another tab has just refreshed ends
   * its session too: who was told that he is signed out is.
   */
  async endByToken(text: string, from: Device): Promise<string | undefined> {
    const token = this.parts.tokens.read(text);
    const session = token && (await this.parts.sessions.find(token.sessionId));
    if (!session) return undefined;
    const ended = { at: this.parts.clock(), reason: 'signed_out' as const };
    if (!(await this.parts.sessions.end(session.userId, session.id, ended))) return undefined;
    const actor = { kind: 'user' as const, id: session.userId };
    await this.record({ action: 'auth.signed_out', actor, from, target: { kind: 'session', id: session.id } });
    return session.id;
  }

  /** The latest first. */
  async listOpen(userId: string): Promise<Session[]> {
    const user = await this.parts.users.find(userId);
    if (!user) return [];
    const open = await this.parts.sessions.listOpen(user.id, user.sessionVersion, this.parts.clock());
    return open.sort(latestFirst);
  }

  /** All that nobody has ended, with what each is worth: for who looks into an account that is not his own. */
  async inspect(user: User): Promise<Array<Session & { readonly state: SessionState }>> {
    const found = await this.parts.sessions.listNotEnded(user.id, this.parts.clock());
    return found.sort(latestFirst).map((session) => ({ ...session, state: sessionState(session, user) }));
  }

  /** Ends one session of a person. */
  async end(userId: string, sessionId: string, by: Pick<AuditEntry, 'actor' | 'from'>): Promise<void> {
    const isOwn = by.actor.id === userId;
    const ended = { at: this.parts.clock(), reason: isOwn ? ('signed_out' as const) : ('ended' as const) };
    if (!(await this.parts.sessions.end(userId, sessionId, ended))) throw new ResourceNotFoundError();
    await this.record({ ...by, action: 'session.ended', target: { kind: 'session', id: sessionId } });
  }

  /** Ends all sessions of a person: one write decides, whatever else is under way. */
  async endAll(userId: string, by: Pick<AuditEntry, 'actor' | 'from'>): Promise<void> {
    const user = await this.parts.users.endSessions(userId);
    if (!user) throw new ResourceNotFoundError();
    await this.parts.sessions.endAll(userId, { at: this.parts.clock(), reason: 'all_ended' });
    await this.record({ ...by, action: 'sessions.ended', target: { kind: 'user', id: userId } });
    // Who did it himself knows; but it may be somebody who holds his session.
    await this.parts.warn(user, 'sessions_ended');
  }

  private async rotate(session: Session, token: RefreshToken, from: Device): Promise<OpenedSession> {
    const { sessions, tokens, clock } = this.parts;
    const next = tokens.make(session.id);
    const isFirst = await sessions.rotate(session.id, tokens.hash(token), {
      hash: tokens.hash(next),
      at: clock(),
      address: from.address,
      device: deviceName(from.userAgent),
    });
    if (!isFirst) throw new RefreshRaceError();
    const { id, userId, sessionVersion, expiresAt } = session;
    return { sessionId: id, userId, sessionVersion, refreshToken: next.text, expiresAt };
  }

  /** A token that was good once: two tabs at one moment, or a thief. */
  private async misuse(session: Session, hash: string, { user, from }: { user: User; from: Device }): Promise<Error> {
    const now = this.parts.clock();
    const sinceMs = now.getTime() - (session.rotatedAt?.getTime() ?? 0);
    if (session.previousHash === hash && sinceMs <= RACE_MS) return new RefreshRaceError();
    const isFirst = await this.parts.sessions.end(user.id, session.id, { at: now, reason: 'refresh_reused' });
    if (isFirst) {
      const reuse = this.record({
        action: 'auth.refresh_reused',
        actor: { kind: 'user', id: user.id },
        outcome: 'refused',
        target: { kind: 'session', id: session.id },
        from,
      });
      // The session has ended and nobody comes here for it again: neither is to be lost with the other.
      await Promise.all([reuse, this.parts.warn(user, 'refresh_reused', from)]);
    }
    return new RefreshReusedError();
  }

  private record(entry: Omit<AuditEntry, 'trail' | 'outcome'> & Partial<Pick<AuditEntry, 'outcome'>>): Promise<void> {
    return this.parts.audit.record({ trail: INSTANCE_TRAIL, outcome: 'done', ...entry });
  }
}
