import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { DomainError, ID_PATTERN, InvalidInputError, permissionsOf, type Principal } from '@flowmate/domain';
import { ApiKeyInvalidError, Callers } from '@flowmate/identity';
import { enrichContext } from '@flowmate/observability';
import type { HttpRequest, RequestState } from '../http/http.types.js';
import { BlockedAddresses } from '../rate-limit/blocked-addresses.js';
import { ACCESS, WORKSPACE_PARAMETER, type Access } from './access.decorator.js';
import { AccessTokens, type AgentClaims } from './access-tokens.js';
import { AuthRequiredError, AuthTokenInvalidError } from './auth.errors.js';
import { credentialsOf, type Credentials } from './credentials.js';
import { SessionCookies } from './session-cookies.js';

/**
 * The first guard: finds out who asks. It refuses nobody itself, so that the limits that follow count every request;
 * `AccessGuard` throws what was wrong. The store being down is the one failure that ends a request here.
 */
@Injectable()
export class AuthenticationGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly tokens: AccessTokens,
    private readonly callers: Callers,
    private readonly cookies: SessionCookies,
    private readonly blocked: BlockedAddresses,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const targets = [context.getHandler(), context.getClass()];
    const access = this.reflector.getAllAndOverride<Access | undefined>(ACCESS, targets);
    if (access === 'public' || access === 'operator') return true;
    const request = context.switchToHttp().getRequest<HttpRequest>();
    const { state } = request;
    if (!state) return true;
    const parameter = this.reflector.getAllAndOverride<string | undefined>(WORKSPACE_PARAMETER, targets);
    try {
      this.admit(state, await this.identify(request, parameter));
    } catch (error) {
      if (!(error instanceof DomainError) || error.kind === 'unavailable') throw error;
      state.refusal = error;
    }
    return true;
  }

  private admit(state: RequestState, principal: Principal): void {
    state.principal = principal;
    enrichContext({ userId: principal.userId, workspaceId: principal.workspaceId });
  }

  private identify(request: HttpRequest, parameter: string | undefined): Promise<Principal> {
    const credentials = credentialsOf(request, this.cookies.access.name);
    if (request.state && credentials.kind === 'token') request.state.isByCookie = credentials.isCookie;
    return this.principalOf(request, credentials, workspaceOf(request, parameter));
  }

  private async principalOf(
    request: HttpRequest,
    credentials: Credentials,
    workspaceId: string | undefined,
  ): Promise<Principal> {
    switch (credentials.kind) {
      case 'none':
        throw new AuthRequiredError();
      case 'refused':
        throw credentials.refusal;
      case 'key': {
        const isFlood = !this.callers.knowsKey(credentials.key) && this.blocked.isBlocked(request);
        if (isFlood) throw new ApiKeyInvalidError();
        return this.callers.ofKey(credentials.key, workspaceId);
      }
      case 'token': {
        const claims = this.tokens.verify(credentials.token);
        if (claims.kind === 'agent') return agentOf(claims);
        const found = await this.callers.ofSession(claims, workspaceId);
        if (!found) throw new AuthTokenInvalidError();
        return found;
      }
    }
  }
}

/** It may do nothing here, so nothing more needs to be known of it. */
function agentOf({ userId, workspaceId }: AgentClaims): Principal {
  const permissions = permissionsOf('agent');
  return { kind: 'agent', userId, email: '', workspaceId, role: 'agent', permissions, tier: 'free' };
}

/** The path names it where the operation is about a workspace itself; everywhere else the header may. */
function workspaceOf(request: HttpRequest, parameter: string | undefined): string | undefined {
  const params = request.params as Readonly<Record<string, string>>;
  const name = parameter ?? 'X-Workspace-Id';
  const given = parameter === undefined ? request.headers['x-workspace-id'] : params[parameter];
  if (given === undefined) return undefined;
  if (typeof given !== 'string' || !ID_PATTERN.test(given))
    throw new InvalidInputError([{ path: name, rule: 'matches', message: 'must be an id of 24 hex digits' }]);
  return given;
}
