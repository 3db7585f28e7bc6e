import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type { ListedRun, RunWithLast } from '@flowmate/database';
import {
  RUN_KINDS,
  RUN_STATUSES,
  RUN_TRIGGERS,
  WAIT_REASONS,
  type Content,
  type JournalEntry,
  type RunKind,
  type RunStatus,
  type RunTrigger,
  type WaitReason,
} from '@flowmate/domain';

const instant = (time: number): string => new Date(time).toISOString();

export class RunLinksResponse {
  @ApiProperty({ example: '/api/v1/runs/65f0c0ffee0123456789abcd' })
  self: string;

  @ApiProperty({ example: '/api/v1/runs/65f0c0ffee0123456789abcd/journal' })
  journal: string;

  @ApiProperty({ example: '/api/v1/runs/65f0c0ffee0123456789abcd/stream' })
  stream: string;

  @ApiProperty({ example: '/api/v1/runs/65f0c0ffee0123456789abcd/cancel' })
  cancel: string;

  @ApiProperty({ example: '/api/v1/agents/65f0c0ffee0123456789abce', required: false })
  agent?: string;

  static of(id: string, agentId?: string): RunLinksResponse {
    const self = `/api/v1/runs/${id}`;
    const agent = agentId === undefined ? {} : { agent: `/api/v1/agents/${agentId}` };
    return { self, journal: `${self}/journal`, stream: `${self}/stream`, cancel: `${self}/cancel`, ...agent };
  }
}

export class RunAcceptedResponse {
  @ApiProperty({ example: '65f0c0ffee0123456789abcd' })
  runId: string;

  @ApiProperty({ example: 'queued', enum: RUN_STATUSES })
  status: RunStatus;

  @ApiProperty({ type: RunLinksResponse })
  links: RunLinksResponse;

  static of(runId: string, status: RunStatus): RunAcceptedResponse {
    return { runId, status, links: RunLinksResponse.of(runId) };
  }
}

export class RunUsageResponse {
  @ApiProperty({ example: 1_200, type: 'integer' })
  inputTokens: number;

  @ApiProperty({ example: 0, type: 'integer', description: 'The part of them that the provider had in its cache.' })
  cachedTokens: number;

  @ApiProperty({ example: 180, type: 'integer' })
  outputTokens: number;

  @ApiProperty({ example: 1_340, type: 'integer', description: 'Millionths of a US dollar.' })
  costMicros: number;

  @ApiProperty({ example: 2, type: 'integer' })
  modelCalls: number;

  @ApiProperty({ example: 1, type: 'integer' })
  toolCalls: number;

  @ApiProperty({ example: 0, type: 'integer' })
  retries: number;
}

export class RunTimingsResponse {
  @ApiProperty({ example: '2026-01-24T10:00:00.000Z' })
  acceptedAt: string;

  @ApiProperty({ example: '2026-01-24T10:00:00.012Z', nullable: true, type: String })
  startedAt: string | null;

  @ApiProperty({ example: '2026-01-24T10:00:02.512Z', nullable: true, type: String })
  endedAt: string | null;

  @ApiProperty({ example: 2_480, type: 'integer', description: 'At work; waiting does not count.' })
  activeMs: number;

  @ApiProperty({ example: 30_000, type: 'integer', description: 'How much of that there may be.' })
  timeoutMs: number;
}

export class RunSummaryResponse {
  @ApiProperty({ example: '65f0c0ffee0123456789abcd' })
  runId: string;

  @ApiProperty({ example: 'succeeded', enum: RUN_STATUSES })
  status: RunStatus;

  @ApiProperty({ example: null, enum: [...WAIT_REASONS, null], nullable: true, type: String })
  reason: WaitReason | null;

  @ApiProperty({
    example: null,
    nullable: true,
    type: String,
    description: 'Until when it waits, where that is known.',
  })
  until: string | null;

  @ApiProperty({ example: 'agent', enum: RUN_KINDS })
  kind: RunKind;

  @ApiProperty({ example: '65f0c0ffee0123456789abce' })
  agentId: string;

  @ApiProperty({ example: 3, type: 'integer' })
  agentVersion: number;

  @ApiProperty({ example: 'api', enum: RUN_TRIGGERS })
  trigger: RunTrigger;

  @ApiProperty({ example: 'order-4711', nullable: true, type: String })
  externalId: string | null;

  @ApiProperty({ example: null, nullable: true, type: String, description: 'The run that this one does again.' })
  retryOf: string | null;

  @ApiProperty({ example: null, nullable: true, type: String, description: 'Why it did not succeed.' })
  errorCode: string | null;

  @ApiProperty({ type: RunUsageResponse })
  usage: RunUsageResponse;

  @ApiProperty({ type: RunTimingsResponse })
  timings: RunTimingsResponse;

  @ApiProperty({ type: RunLinksResponse })
  links: RunLinksResponse;

  static from(run: ListedRun): RunSummaryResponse {
    const { id, kind, agentId, agentVersion, trigger, externalId, retryOf, head } = run;
    const { modelCalls, toolCalls, retries } = head;
    return {
      runId: id,
      status: head.status,
      reason: head.reason,
      until: head.until === null ? null : instant(head.until),
      kind,
      agentId,
      agentVersion,
      trigger,
      externalId,
      retryOf,
      errorCode: head.code,
      usage: { ...head.usage, modelCalls, toolCalls, retries },
      timings: {
        acceptedAt: instant(run.createdAt),
        startedAt: head.startedAt === null ? null : instant(head.startedAt),
        endedAt: head.endedAt === null ? null : instant(head.endedAt),
        activeMs: head.activeMs,
        timeoutMs: run.timeoutMs,
      },
      links: RunLinksResponse.of(id, agentId),
    };
  }
}

export class RunListResponse {
  @ApiProperty({ type: [RunSummaryResponse], description: 'The latest first.' })
  runs: RunSummaryResponse[];

  @ApiProperty({ example: null, type: String, nullable: true })
  nextCursor: string | null;
}

/** A text of a run: here, or behind a link when it is long. */
export class RunTextResponse {
  @ApiPropertyOptional({ example: 'It is 19:00 in Tokyo.' })
  text?: string;

  @ApiPropertyOptional({ example: '/api/v1/runs/65f0c0ffee0123456789abcd/payloads/9f86d081884c7d65…' })
  link?: string;

  @ApiPropertyOptional({ example: 120_000, type: 'integer' })
  bytes?: number;

  static from(runId: string, content: Content): RunTextResponse {
    if ('text' in content) return { text: content.text };
    return { link: `/api/v1/runs/${runId}/payloads/${content.ref}`, bytes: content.bytes };
  }
}

export class RunErrorResponse {
  @ApiProperty({ example: 'llm_unavailable' })
  code: string;

  @ApiProperty({ example: 'The model provider did not answer.' })
  message: string;
}

export class RunResponse extends RunSummaryResponse {
  @ApiProperty({ example: 'What time is it in Tokyo?' })
  input: string;

  @ApiProperty({
    type: RunTextResponse,
    nullable: true,
    example: { text: 'It is 19:00 in Tokyo.' },
    description: 'What came out, be it only a part of it.',
  })
  result: RunTextResponse | null;

  @ApiProperty({ type: RunErrorResponse, nullable: true, example: null })
  error: RunErrorResponse | null;

  @ApiProperty({ example: [], type: [Number], description: 'Calls of which a person must say whether they happened.' })
  openReviews: number[];

  @ApiProperty({ example: false })
  isCancelRequested: boolean;

  @ApiProperty({ example: [], type: [Number], description: 'Calls of which nobody knows whether they took effect.' })
  undecided: number[];

  @ApiProperty({ example: 12, type: 'integer', description: 'How many entries its journal has.' })
  seq: number;

  static of({ last, ...run }: RunWithLast): RunResponse {
    const { head, input, seq, id } = run;
    return {
      ...RunSummaryResponse.from(run),
      input,
      ...endOf(id, head.endSeq === null ? null : last),
      openReviews: [...head.openReviews],
      isCancelRequested: head.isCancelRequested,
      seq,
    };
  }
}

function endOf(runId: string, end: JournalEntry | null): Pick<RunResponse, 'result' | 'error' | 'undecided'> {
  const text = (content: Content | null): RunTextResponse | null => content && RunTextResponse.from(runId, content);
  switch (end?.type) {
    case 'run.succeeded':
      return { result: text(end.data.output), error: null, undecided: [] };
    case 'run.partial':
      return {
        result: text(end.data.output),
        error: { code: end.data.code, message: 'The run ended before it was done.' },
        undecided: [],
      };
    case 'run.failed':
      return {
        result: text(end.data.output),
        error: { code: end.data.code, message: end.data.message },
        undecided: [...(end.data.undecided ?? [])],
      };
    case 'run.cancelled':
      return { result: null, error: null, undecided: [...end.data.undecided] };
    default:
      return { result: null, error: null, undecided: [] };
  }
}
