import type { AbuseCase } from './abuse-case.js';

interface Someone {
  readonly userId: string;
  readonly workspaceId: string;
  readonly sessionId: string;
  readonly accessToken: string;
  readonly refreshToken: string;
}

interface Key {
  readonly id: string;
  readonly secret: string;
}

/** Who and what is there when a row of the identity tables is sent. */
export interface World {
  /** The manager of a workspace, with a key of each kind. */
  readonly owner: Someone;
  /** Somebody else, in a workspace of his own. */
  readonly stranger: Someone;
  /** May only read, on the whole instance. */
  readonly analyst: Someone;
  readonly admin: Someone;
  readonly keys: Readonly<Record<'good' | 'revoked' | 'expired' | 'strangers', Key>>;
  /** Of the owner. */
  readonly agentId: string;
  /** Of that agent; it waits for a worker. */
  readonly runId: string;
  /** A token as we would make it, but for what is said here. */
  forge(change: Forgery): string;
}

export interface Forgery {
  readonly header?: Readonly<Record<string, unknown>>;
  readonly payload?: Readonly<Record<string, unknown>>;
  readonly secret?: string;
  readonly algorithm?: 'HS256' | 'HS512' | 'none';
}

/** A row that needs somebody: the request is made when the world is there. */
export type IdentityCase = Omit<AbuseCase, 'request'> & {
  readonly request: (world: World) => AbuseCase['request'];
};

/** 24 hex digits that no document has. */
export const NOBODY = '0123456789abcdef01234567';

export const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` });

export const json = (value: unknown, headers: Record<string, string> = {}) => ({
  method: 'POST',
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(value),
});
