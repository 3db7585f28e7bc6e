import { Injectable } from '@nestjs/common';
import type { Principal } from '@flowmate/domain';
import { AccountDeletion, Callers } from '@flowmate/identity';
import { byPrincipal } from '../auth/by.js';
import { SessionCookies } from '../auth/session-cookies.js';
import type { HttpReply, HttpRequest } from '../http/http.types.js';

/** What a person does with the account as a whole. */
@Injectable()
export class OwnAccount {
  constructor(
    private readonly deletion: AccountDeletion,
    private readonly callers: Callers,
    private readonly cookies: SessionCookies,
  ) {}

  async delete(caller: Principal, request: HttpRequest, reply: HttpReply): Promise<void> {
    await this.deletion.delete(caller.userId, byPrincipal(caller, request));
    if (caller.kind === 'user') this.callers.forgetSession(caller.sessionId);
    this.cookies.clear(reply);
  }
}
