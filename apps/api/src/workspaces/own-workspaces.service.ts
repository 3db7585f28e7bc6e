import { Injectable } from '@nestjs/common';
import type { Workspace } from '@flowmate/database';
import type { MemberRole, Principal } from '@flowmate/domain';
import { Callers, InviteService, MemberService, WorkspaceService } from '@flowmate/identity';
import { byPrincipal } from '../auth/by.js';
import type { HttpRequest } from '../http/http.types.js';

/** What a caller does with workspaces. What he changed about himself, his session knows at once. */
@Injectable()
export class OwnWorkspaces {
  constructor(
    private readonly workspaces: WorkspaceService,
    private readonly members: MemberService,
    private readonly invites: InviteService,
    private readonly callers: Callers,
  ) {}

  /** A key belongs to one workspace, and sees that one. */
  async list(caller: Principal, isDeleted: boolean): Promise<Workspace[]> {
    if (caller.kind === 'user') return this.workspaces.ofUser(caller.userId, { isDeleted });
    return isDeleted ? [] : [await this.workspaces.get(caller)];
  }

  get(caller: Principal): Promise<Workspace> {
    return this.workspaces.get(caller);
  }

  async create(caller: Principal, name: string, request: HttpRequest): Promise<Workspace> {
    return this.known(caller, await this.workspaces.create(caller.userId, name, byPrincipal(caller, request)));
  }

  rename(caller: Principal, name: string, request: HttpRequest): Promise<Workspace> {
    return this.workspaces.rename(caller, name, byPrincipal(caller, request));
  }

  async delete(caller: Principal, request: HttpRequest): Promise<void> {
    this.known(caller, await this.workspaces.delete(caller, byPrincipal(caller, request)));
  }

  async restore(caller: Principal, workspaceId: string, request: HttpRequest): Promise<Workspace> {
    const by = byPrincipal(caller, request);
    return this.known(caller, await this.workspaces.restore({ workspaceId }, caller.userId, by));
  }

  async join(
    caller: Principal,
    token: string,
    request: HttpRequest,
  ): Promise<{ workspace: Workspace; role: MemberRole }> {
    return this.known(caller, await this.invites.accept(caller, token, byPrincipal(caller, request)));
  }

  async leave(caller: Principal, request: HttpRequest): Promise<void> {
    this.known(caller, await this.members.remove(caller, caller.userId, byPrincipal(caller, request)));
  }

  private known<T>(caller: Principal, done: T): T {
    if (caller.kind === 'user') this.callers.forgetSession(caller.sessionId);
    return done;
  }
}
