import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { DomainError, ID_PATTERN, InvalidInputError, type Principal } from '@flowmate/domain';
import { enrichContext } from '@flowmate/observability';
import type { HttpRequest, RequestState } from '../http/http.types.js';
import { Bearers } from './bearers.js';
import { Tickets } from './tickets.js';
import { Declarations } from './declarations.js';

/**
 * The first guard: finds out who asks. It refuses nobody itself, so that the limits that follow count every request;
 * `AccessGuard` throws what was wrong. The store being down is the one failure that ends a request here.
 */
@Injectable()
export class AuthenticationGuard implements CanActivate {
  constructor(
    private readonly declarations: Declarations,
    private readonly bearers: Bearers,
    private readonly tickets: Tickets,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const { access, workspaceParameter, takesTicket } = this.declarations.of(context);
    if (access === 'public' || access === 'operator') return true;
    const request = context.switchToHttp().getRequest<HttpRequest>();
    const { state } = request;
    if (!state) return true;
    try {
      const workspace = workspaceOf(request, workspaceParameter);
      const ask = takesTicket ? await this.tickets.askerOf(request) : undefined;
      const again = ask ?? (() => this.bearers.principalOf(request, workspace.id));
      const principal = await again();
      state.reauthenticate = again;
      // Who nobody is learns nothing about what he sent, not even that it is malformed.
      if (workspace.problem) throw workspace.problem;
      this.admit(state, principal);
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
}

/** The path names it where the operation is about a workspace itself; everywhere else the header may. */
function workspaceOf(
  request: HttpRequest,
  parameter: string | undefined,
): { readonly id?: string; readonly problem?: InvalidInputError } {
  const params = request.params as Readonly<Record<string, string>>;
  const name = parameter ?? 'X-Workspace-Id';
  const given = parameter === undefined ? request.headers['x-workspace-id'] : params[parameter];
  if (given === undefined) return {};
  if (typeof given === 'string' && ID_PATTERN.test(given)) return { id: given };
  return {
    problem: new InvalidInputError([{ path: name, rule: 'matches', message: 'must be an id of 24 hex digits' }]),
  };
}
