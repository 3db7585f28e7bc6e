import { Body, Controller, HttpCode, Param, Post, Res } from '@nestjs/common';
import { ApiAcceptedResponse, ApiHeader, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { NamedRequest } from '@flowmate/database';
import { ResourceNotFoundError } from '@flowmate/domain';
import { callerOf, Can } from '../auth/access.decorator.js';
import type { HttpReply } from '../http/http.types.js';
import { IdParams } from '../http/id.params.js';
import { IDEMPOTENCY_ERRORS, RequestName, TakesIdempotencyKey } from '../idempotency/idempotent.decorator.js';
import { ApiEndpoint } from '../openapi/api-endpoint.decorator.js';
import { RunAgentDto } from './dto/run.dto.js';
import { RunAcceptedResponse, RunResponse } from './dto/run.response.js';
import { StartedAnswers } from './started-answer.js';
import { RunStarter } from './run-starter.js';
import { BacklogFullError, RunQueueFullError, RunsPerDayError } from './runs.errors.js';

@ApiTags('runs')
@Controller('api/v1/agents/:id/run')
export class StartRunController {
  constructor(
    private readonly starter: RunStarter,
    private readonly answers: StartedAnswers,
  ) {}

  @Post()
  @Can('runs:control')
  @TakesIdempotencyKey()
  @ApiHeader({
    name: 'Prefer',
    required: false,
    description: '`wait=n`: the answer comes when the run has ended (200), or after n seconds, at most 60 (202).',
    schema: { type: 'string', example: 'wait=30' },
  })
  @HttpCode(202)
  @ApiEndpoint({
    id: 'runAgent',
    summary: 'Start a run of an agent; once this is answered, the run ends, whatever happens',
    errors: [
      new ResourceNotFoundError(),
      new RunQueueFullError(),
      new RunsPerDayError(1_000),
      new BacklogFullError(),
      ...IDEMPOTENCY_ERRORS,
    ],
  })
  @ApiAcceptedResponse({ type: RunAcceptedResponse })
  @ApiOkResponse({ type: RunResponse, description: 'It has ended while its caller waited.' })
  async start(
    @Param() { id }: IdParams,
    @Body() wanted: RunAgentDto,
    @RequestName() name: NamedRequest | undefined,
    @Res({ passthrough: true }) reply: HttpReply,
  ): Promise<RunAcceptedResponse | RunResponse> {
    const caller = callerOf(reply.request);
    return this.answers.preferred(caller, reply, await this.starter.start(caller, id, wanted, name));
  }
}
