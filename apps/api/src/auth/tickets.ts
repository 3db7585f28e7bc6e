import { Injectable } from '@nestjs/common';
import type { Principal } from '@flowmate/domain';
import { Callers, StreamTicketService } from '@flowmate/identity';
import type { HttpRequest } from '../http/http.types.js';
import { AuthTokenInvalidError } from './auth.errors.js';

/** Who comes with a ticket: the one that it was given to, as long as what he got it with is good. */
@Injectable()
export class Tickets {
  constructor(
    private readonly tickets: StreamTicketService,
    private readonly callers: Callers,
  ) {}

  /** Uses the ticket up. Answers how to find out who asks, now and later; nothing when there is no ticket. */
  async askerOf(request: HttpRequest): Promise<(() => Promise<Principal>) | undefined> {
    const { ticket } = request.query as Readonly<Record<string, unknown>>;
    // A header goes first: a program says on purpose what it says there.
    if (ticket === undefined || request.headers.authorization !== undefined) return undefined;
    const [path = ''] = request.url.split('?', 1);
    const { bearer, workspaceId } = await this.tickets.redeem(typeof ticket === 'string' ? ticket : '', path);
    return async () => {
      const found = await this.callers.ofBearer(bearer, workspaceId);
      if (!found) throw new AuthTokenInvalidError();
      return found;
    };
  }
}
