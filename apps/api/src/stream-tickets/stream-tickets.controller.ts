import { Body, Controller, Post } from '@nestjs/common';
import { ApiCreatedResponse, ApiTags } from '@nestjs/swagger';
import type { Principal } from '@flowmate/domain';
import { StreamTicketService } from '@flowmate/identity';
import { AlsoWhenLocked, Caller, Can } from '../auth/access.decorator.js';
import { ApiEndpoint } from '../openapi/api-endpoint.decorator.js';
import { StreamTicketDto, StreamTicketResponse } from './stream-ticket.dto.js';

@ApiTags('auth')
@Controller('api/v1/stream-tickets')
export class StreamTicketsController {
  constructor(private readonly tickets: StreamTicketService) {}

  @Post()
  @AlsoWhenLocked()
  @Can('streams:open')
  @ApiEndpoint({
    id: 'createStreamTicket',
    summary: 'A ticket for one live stream, for browsers, which can send no header there',
  })
  @ApiCreatedResponse({ type: StreamTicketResponse })
  async create(@Body() { path }: StreamTicketDto, @Caller() caller: Principal): Promise<StreamTicketResponse> {
    const { ticket, expiresAt } = await this.tickets.issue(caller, path);
    return { ticket, expiresAt: expiresAt.toISOString() };
  }
}
