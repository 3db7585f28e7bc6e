import { Injectable } from '@nestjs/common';
import type { Invite } from '@flowmate/database';
import type { PersonRole, Principal } from '@flowmate/domain';
import { InviteService } from '@flowmate/identity';
import { byPrincipal } from '../auth/by.js';
import type { HttpRequest } from '../http/http.types.js';
import { Addressees } from '../rate-limit/addressees.js';

/** What a caller asks others to join. */
@Injectable()
export class OwnInvites {
  constructor(
    private readonly invites: InviteService,
    private readonly addressees: Addressees,
  ) {}

  async invite(caller: Principal, wanted: { email: string; role: PersonRole }, request: HttpRequest): Promise<Invite> {
    await this.addressees.require(caller, wanted.email);
    return this.invites.invite(caller, wanted, byPrincipal(caller, request));
  }
}
