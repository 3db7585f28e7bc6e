import { randomToken, tokenHash } from '@flowmate/crypto';
import type { StreamTicket, StreamTicketRepository } from '@flowmate/database';
import { DomainError, type Principal } from '@flowmate/domain';
import type { Clock } from '../clock.js';

/** Long enough to open a connection with it. */
const TICKET_MS = 60_000;
const SHAPE = /^[A-Za-z0-9_-]{43}$/;

export class TicketInvalidError extends DomainError {
  readonly kind = 'unauthenticated';
  readonly code = 'stream_ticket_invalid';

  constructor() {
    super('The ticket is used, expired or for another stream. Get a new one.');
  }
}

/** One use, one stream, one minute: for browsers, which can send no header when they open a stream. */
export class StreamTicketService {
  constructor(private readonly parts: { tickets: StreamTicketRepository; clock: Clock }) {}

  async issue(principal: Principal, path: string): Promise<{ ticket: string; expiresAt: Date }> {
    const ticket = randomToken();
    const expiresAt = new Date(this.parts.clock().getTime() + TICKET_MS);
    const bearer =
      principal.kind === 'user'
        ? { kind: 'session' as const, id: principal.sessionId }
        : { kind: 'key' as const, id: principal.kind === 'key' ? principal.keyId : '' };
    await this.parts.tickets.create(principal, { hash: tokenHash(ticket), bearer, path, expiresAt });
    return { ticket, expiresAt };
  }

  async redeem(ticket: string, path: string): Promise<StreamTicket> {
    const found = SHAPE.test(ticket)
      ? await this.parts.tickets.redeemUnscoped(tokenHash(ticket), path, this.parts.clock())
      : null;
    if (!found) throw new TicketInvalidError();
    return found;
  }
}
