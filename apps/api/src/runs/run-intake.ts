import { Injectable } from '@nestjs/common';
import { RunReader, RunStore, type NamedRequest, type RunRequestKey } from '@flowmate/database';
import {
  JOURNAL_VERSION,
  newId,
  numbered,
  ResourceNotFoundError,
  type OwnerScope,
  type Principal,
  type RunOrigin,
  type RunStatus,
  type RunTrigger,
} from '@flowmate/domain';
import { correlationIdFrom, currentContext, traceHeaders } from '@flowmate/observability';
import { IdempotencyKeyReusedError } from '../idempotency/idempotency.errors.js';
import { RunBell } from './run-bell.js';
import { deciderOf } from './run-decider.js';
import { RunLoad } from './run-load.js';

export interface StartedRun {
  readonly id: string;
  readonly status: RunStatus;
  /** It was started when this request came for the first time. */
  readonly isReplayed: boolean;
}

export interface BeginningRun {
  readonly input: string;
  readonly externalId?: string | undefined;
  readonly agentId: string;
  readonly agentVersion: number;
  readonly timeoutMs: number;
  readonly trigger: RunTrigger;
  readonly retryOf?: string;
}

/** Takes runs in: one is stored, then somebody is told. */
@Injectable()
export class RunIntake {
  constructor(
    private readonly store: RunStore,
    private readonly reader: RunReader,
    private readonly load: RunLoad,
    private readonly bell: RunBell,
  ) {}

  /** The same request again is answered with the run that it has started. */
  async begin(caller: Principal, wanted: BeginningRun, request: RunRequestKey | undefined): Promise<StartedRun> {
    const admission = await this.load.admit(caller);
    const origin = originOf(caller, wanted);
    const queued = { reason: 'accepted', position: admission.position, unsent: [] } as const;
    const place = { seq: 0, at: origin.createdAt, epoch: 0, batch: newId() };
    const journal = numbered([{ type: 'run.queued', data: queued }], place);
    const { isRung, inFlight } = admission;
    const stored = await this.store.insert({ origin, journal, request: request ?? null, isRung });
    if (stored === 'taken') {
      const known = request && (await this.known(caller, request));
      if (!known) throw new ResourceNotFoundError();
      return known;
    }
    this.load.started(caller, admission);
    if (isRung) this.bell.ring({ id: origin.id, seq: 1 }, inFlight);
    this.bell.show({ id: origin.id, seq: 1, status: 'queued', workspaceId: origin.workspaceId });
    return { id: origin.id, status: 'queued', isReplayed: false };
  }

  async known(owner: OwnerScope, request: RunRequestKey): Promise<StartedRun | undefined> {
    const found = await this.reader.findByRequest(owner, request);
    if (!found) return undefined;
    if (found.bodyHash !== request.bodyHash) throw new IdempotencyKeyReusedError();
    return { id: found.id, status: found.status, isReplayed: true };
  }
}

/** `named.key` holds all of it already; the parts are for people who look into the store. */
export function requestKey(caller: Principal, { key, body }: NamedRequest): RunRequestKey {
  const { kind, id } = deciderOf(caller);
  return { principal: `${kind}:${id}`, route: 'runs', key, bodyHash: body };
}

function originOf(caller: Principal, wanted: BeginningRun): RunOrigin {
  const createdAt = Date.now();
  const id = newId(createdAt);
  return {
    id,
    workspaceId: caller.workspaceId,
    kind: 'agent',
    agentId: wanted.agentId,
    agentVersion: wanted.agentVersion,
    trigger: wanted.trigger,
    startedBy: { ...deciderOf(caller), userId: caller.userId },
    externalId: wanted.externalId ?? null,
    retryOf: wanted.retryOf ?? null,
    correlationId: currentContext()?.correlationId ?? correlationIdFrom(undefined),
    traceparent: traceHeaders().traceparent ?? null,
    input: wanted.input,
    timeoutMs: wanted.timeoutMs,
    rootId: id,
    parentId: null,
    index: null,
    rank: createdAt,
    deadlineAt: null,
    needsVersion: JOURNAL_VERSION,
    createdAt,
  };
}
