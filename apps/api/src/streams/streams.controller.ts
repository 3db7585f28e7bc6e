import { Controller, Get, Param, Query, Res } from '@nestjs/common';
import { ApiHeader, ApiNoContentResponse, ApiOkResponse, ApiProduces, ApiTags } from '@nestjs/swagger';
import { ResourceNotFoundError } from '@flowmate/domain';
import { TicketInvalidError } from '@flowmate/identity';
import { callerOf, Can, TakesTicket } from '../auth/access.decorator.js';
import type { HttpReply } from '../http/http.types.js';
import { IdParams } from '../http/id.params.js';
import { ApiEndpoint } from '../openapi/api-endpoint.decorator.js';
import { RunStreams } from './run-streams.service.js';
import { StreamQuery } from './stream.query.js';
import {
  LastEventIdInvalidError,
  NotAcceptableError,
  StreamCapacityError,
  StreamLimitError,
} from './streams.errors.js';

const EXAMPLE = 'id: 1\nevent: run.queued\ndata: {"seq":1,"type":"run.queued"}\n\n';

@ApiTags('runs')
@Controller('api/v1/runs')
export class StreamsController {
  constructor(private readonly streams: RunStreams) {}

  @Get(':id/stream')
  @Can('runs:read')
  @TakesTicket()
  @ApiProduces('text/event-stream')
  @ApiHeader({
    name: 'Last-Event-ID',
    required: false,
    description: 'The id of the last event that was read: the stream goes on behind it.',
    schema: { type: 'string', example: '12' },
  })
  @ApiEndpoint({
    id: 'streamRun',
    summary: 'Watch a run: each entry of its journal as a Server-Sent Event, until it ends',
    description:
      'Events with an id are the entries of the journal, each once and in order. Without an id: `model.text` (a piece of an answer: `epoch`, `step`, `text`; the entry `model.answered` brings it whole), `stream.end` (the run has ended, nothing follows), `stream.reset` (you were away for long: this is where it stands), `auth.expired`, `server.draining` (come again).',
    errors: [
      new ResourceNotFoundError(),
      new TicketInvalidError(),
      new NotAcceptableError(),
      new LastEventIdInvalidError(),
      new StreamLimitError(),
      new StreamCapacityError(),
    ],
  })
  @ApiOkResponse({ content: { 'text/event-stream': { schema: { type: 'string', example: EXAMPLE } } } })
  @ApiNoContentResponse({ description: 'The run has ended, and its reader has had everything.' })
  async stream(@Param() { id }: IdParams, @Query() _: StreamQuery, @Res() reply: HttpReply): Promise<void> {
    await this.streams.serve(callerOf(reply.request), id, reply);
  }
}
