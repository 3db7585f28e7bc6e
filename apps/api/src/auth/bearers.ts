import { Injectable } from '@nestjs/common';
import { permissionsOf, type Principal } from '@flowmate/domain';
import { Callers } from '@flowmate/identity';
import type { HttpRequest } from '../http/http.types.js';
import { BlockedAddresses } from '../rate-limit/blocked-addresses.js';
import { AccessTokens, type AgentClaims } from './access-tokens.js';
import { AuthRequiredError, AuthTokenInvalidError } from './auth.errors.js';
import { credentialsOf } from './credentials.js';
import { SessionCookies } from './session-cookies.js';

/** Who bears the credentials of a request, whichever kind they are. */
@Injectable()
export class Bearers {
  constructor(
    private readonly tokens: AccessTokens,
    private readonly callers: Callers,
    private readonly cookies: SessionCookies,
    private readonly blocked: BlockedAddresses,
  ) {}

  async principalOf(request: HttpRequest, workspaceId: string | undefined): Promise<Principal> {
    const credentials = credentialsOf(request, this.cookies.access.name);
    switch (credentials.kind) {
      case 'none':
        throw new AuthRequiredError();
      case 'refused':
        throw credentials.refusal;
      case 'key':
        // A flood of made-up keys costs the store nothing: from there, only keys that are known are looked at.
        return this.callers.ofKey(credentials.key, workspaceId, () => !this.blocked.isBlocked(request));
      case 'token':
        if (request.state) request.state.isByCookie = credentials.isCookie;
        return this.ofToken(credentials.token, workspaceId);
    }
  }

  private async ofToken(token: string, workspaceId: string | undefined): Promise<Principal> {
    const claims = this.tokens.verify(token);
    if (claims.kind === 'agent') return agentOf(claims);
    const found = await this.callers.ofSession(claims, workspaceId);
    if (!found) throw new AuthTokenInvalidError();
    return found;
  }
}

/** It may do nothing here, so nothing more needs to be known of it. */
function agentOf({ userId, workspaceId }: AgentClaims): Principal {
  const permissions = permissionsOf('agent');
  return { kind: 'agent', userId, email: '', workspaceId, role: 'agent', permissions, tier: 'free' };
}
