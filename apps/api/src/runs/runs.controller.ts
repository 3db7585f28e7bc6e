import { Body, Controller, Get, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import { ApiAcceptedResponse, ApiBody, ApiHeader, ApiOkResponse, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { NamedRequest } from '@flowmate/database';
import { ResourceNotFoundError, type Principal } from '@flowmate/domain';
import { Caller, callerOf, Can } from '../auth/access.decorator.js';
import type { HttpReply } from '../http/http.types.js';
import { IdParams } from '../http/id.params.js';
import { CursorInvalidError, idOf, nextCursor } from '../http/page-query.js';
import { IDEMPOTENCY_ERRORS, RequestName, TakesIdempotencyKey } from '../idempotency/idempotent.decorator.js';
import { ApiEndpoint } from '../openapi/api-endpoint.decorator.js';
import { JournalEntryResponse, JournalResponse } from './dto/journal.response.js';
import { RetryRunDto, ReviewRunDto } from './dto/run.dto.js';
import { RunAcceptedResponse, RunListResponse, RunResponse, RunSummaryResponse } from './dto/run.response.js';
import { JournalQuery, PayloadParams, RunsQuery } from './dto/runs.query.js';
import { partOf } from './part-of-text.js';
import { StartedAnswers } from './started-answer.js';
import { RunDecisions } from './run-decisions.js';
import { RunStarter } from './run-starter.js';
import {
  BacklogFullError,
  RangeNotSatisfiableError,
  RetryRepeatsEffectsError,
  ReviewNotOpenError,
  RunBusyError,
  RunNotCancellableError,
  RunNotEndedError,
  RunQueueFullError,
  RunsPerDayError,
} from './runs.errors.js';
import { RunsService } from './runs.service.js';

const MISSING = new ResourceNotFoundError();

@ApiTags('runs')
@Controller('api/v1/runs')
export class RunsController {
  constructor(
    private readonly runs: RunsService,
    private readonly starter: RunStarter,
    private readonly decisions: RunDecisions,
    private readonly answers: StartedAnswers,
  ) {}

  @Get()
  @Can('runs:read')
  @ApiEndpoint({ id: 'listRuns', summary: 'The runs of this workspace', errors: [new CursorInvalidError()] })
  @ApiOkResponse({ type: RunListResponse })
  async list(@Query() query: RunsQuery, @Caller() caller: Principal): Promise<RunListResponse> {
    const { version: agentVersion, since, until, limit, cursor: _, ...filter } = query;
    const times = { ...(since && { since: new Date(since) }), ...(until && { until: new Date(until) }) };
    const wanted = { ...filter, agentVersion, ...times };
    const found = await this.runs.list(caller, wanted, { before: idOf(query), limit });
    return { runs: found.map((run) => RunSummaryResponse.from(run)), nextCursor: nextCursor(found, query) };
  }

  @Get(':id')
  @Can('runs:read')
  @ApiEndpoint({ id: 'getRun', summary: 'One run: where it stands, what came out, what it cost', errors: [MISSING] })
  @ApiOkResponse({ type: RunResponse })
  async get(@Param() { id }: IdParams, @Caller() caller: Principal): Promise<RunResponse> {
    return RunResponse.of(await this.runs.get(caller, id));
  }

  @Get(':id/journal')
  @Can('runs:read')
  @ApiEndpoint({ id: 'getRunJournal', summary: 'Everything that happened in a run, in order', errors: [MISSING] })
  @ApiOkResponse({ type: JournalResponse })
  async journal(
    @Param() { id }: IdParams,
    @Query() { summary = false, ...place }: JournalQuery,
    @Caller() caller: Principal,
  ): Promise<JournalResponse> {
    const { entries, seq, status } = await this.runs.journal(caller, id, place);
    const shown = summary ? JournalEntryResponse.summaryOf : JournalEntryResponse.from;
    return { entries: entries.map((entry) => shown(entry)), seq, status };
  }

  @Get(':id/payloads/:ref')
  @Can('runs:read')
  @ApiProduces('text/plain')
  @ApiHeader({
    name: 'Range',
    required: false,
    description: 'One range of bytes.',
    schema: { type: 'string', example: 'bytes=0-999' },
  })
  @ApiEndpoint({
    id: 'getRunPayload',
    summary: 'A long text of a run, whole or in part',
    errors: [MISSING, new RangeNotSatisfiableError()],
  })
  @ApiOkResponse({ content: { 'text/plain': { schema: { type: 'string', example: 'A long text.' } } } })
  async payload(
    @Param() { id, ref }: PayloadParams,
    @Caller() caller: Principal,
    @Res({ passthrough: true }) reply: HttpReply,
  ): Promise<Buffer> {
    const part = partOf(await this.runs.payload(caller, id, ref), reply.request.headers.range);
    if (part.contentRange !== undefined) reply.status(206).header('content-range', part.contentRange);
    reply.header('etag', `"${ref}"`).header('accept-ranges', 'bytes').type('text/plain; charset=utf-8');
    reply.header('content-disposition', `attachment; filename="${ref.slice(0, 12)}.txt"`);
    return part.bytes;
  }

  @Post(':id/cancel')
  @Can('runs:control')
  @HttpCode(202)
  @ApiEndpoint({
    id: 'cancelRun',
    summary: 'Stop a run before its next effect',
    errors: [MISSING, new RunNotCancellableError(), new RunBusyError()],
  })
  @ApiAcceptedResponse({ type: RunAcceptedResponse })
  async cancel(@Param() { id }: IdParams, @Caller() caller: Principal): Promise<RunAcceptedResponse> {
    return RunAcceptedResponse.of(id, await this.decisions.cancel(caller, id));
  }

  @Post(':id/retry')
  @Can('runs:control')
  @TakesIdempotencyKey()
  @HttpCode(202)
  @ApiEndpoint({
    id: 'retryRun',
    summary: 'A new run of the same version with the same input',
    errors: [
      MISSING,
      new RunNotEndedError(),
      new RetryRepeatsEffectsError(),
      new RunQueueFullError(),
      new RunsPerDayError(1_000),
      new BacklogFullError(),
      ...IDEMPOTENCY_ERRORS,
    ],
  })
  @ApiBody({ type: RetryRunDto, required: false })
  @ApiAcceptedResponse({ type: RunAcceptedResponse })
  async retry(
    @Param() { id }: IdParams,
    @Body() { repeat }: RetryRunDto,
    @RequestName() name: NamedRequest | undefined,
    @Res({ passthrough: true }) reply: HttpReply,
  ): Promise<RunAcceptedResponse> {
    return this.answers.accepted(reply, await this.starter.retry(callerOf(reply.request), id, { repeat }, name));
  }

  @Post(':id/review')
  @Can('runs:control')
  @HttpCode(202)
  @ApiEndpoint({
    id: 'reviewRun',
    summary: 'Say what became of a call of which nobody knows whether it took effect',
    errors: [MISSING, new ReviewNotOpenError(), new RunBusyError()],
  })
  @ApiAcceptedResponse({ type: RunAcceptedResponse })
  async review(
    @Param() { id }: IdParams,
    @Body() review: ReviewRunDto,
    @Caller() caller: Principal,
  ): Promise<RunAcceptedResponse> {
    return RunAcceptedResponse.of(id, await this.decisions.review(caller, id, review));
  }
}
