import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { DomainError, Principal } from '@flowmate/domain';
import type { ServerSpan, WorkContext } from '@flowmate/observability';

/** What is remembered of a request until its one line in the log. */
export interface RequestState {
  readonly context: WorkContext;
  /** The template that matched; absent when none did. */
  readonly route: string | undefined;
  /** Orchestrators ask these every few seconds: served under overload, logged only when they fail. */
  readonly isProbe: boolean;
  readonly span: ServerSpan | undefined;
  /** Who asks: set by the first guard when the credentials are good. */
  principal?: Principal;
  /** Finds out anew who asks: for what lasts longer than his credentials may. */
  reauthenticate?: () => Promise<Principal>;
  /** The answer goes on until its reader leaves, which is no failure. */
  isStream?: true;
  /** Whether the credentials came in a cookie, which a browser sends by itself. */
  isByCookie?: boolean;
  /** Why they are not. It is thrown after the limits have counted the request. */
  refusal?: DomainError;
  /** Why the request failed, wrapped because anything can be thrown. */
  failure?: { readonly error: unknown };
}

declare module 'fastify' {
  interface FastifyRequest {
    state?: RequestState;
  }
}

/** The one place that names the HTTP framework's types; features use these. */
export type HttpServer = FastifyInstance;
export type HttpReply = FastifyReply;
export type HttpRequest = FastifyRequest;
