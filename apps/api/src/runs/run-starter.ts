import { Injectable } from '@nestjs/common';
import { RunEnv } from '@flowmate/config';
import { AgentRepository, RunReader, RunStore, type NamedRequest, type RunRequestKey } from '@flowmate/database';
import {
  DomainError,
  isTerminal,
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
import { deciderOf, effectsOf } from './run-decider.js';
import { RunLoad } from './run-load.js';
import { RetryRepeatsEffectsError, RunNotEndedError } from './runs.errors.js';

export interface WantedRun {
  readonly input: string;
  readonly timeoutMs?: number | undefined;
  readonly externalId?: string | undefined;
}

export interface StartedRun {
  readonly id: string;
  readonly status: RunStatus;
  /** It was started when this request came for the first time. */
  readonly isReplayed: boolean;
}

interface Beginning extends WantedRun {
  readonly agentId: string;
  readonly agentVersion: number;
  readonly timeoutMs: number;
  readonly trigger: RunTrigger;
  readonly retryOf?: string;
}

/** Accepts runs: one is stored, then somebody is told. */
@Injectable()
export class RunStarter {
  constructor(
    private readonly agents: AgentRepository,
    private readonly store: RunStore,
    private readonly reader: RunReader,
    private readonly load: RunLoad,
    private readonly bell: RunBell,
    private readonly settings: RunEnv,
  ) {}

  start(caller: Principal, agentId: string, wanted: WantedRun, named?: NamedRequest): Promise<StartedRun> {
    return this.once(caller, named, async () => {
      const agent = await this.agents.find(caller, agentId);
      if (!agent) throw new ResourceNotFoundError();
      const timeoutMs = wanted.timeoutMs ?? agent.limits.timeoutMs ?? this.settings.timeoutMs;
      return { ...wanted, agentId, agentVersion: agent.version, timeoutMs, trigger: 'api' };
    });
  }

  /** The same again: a new run of the same version with the same input. */
  retry(caller: Principal, id: string, { repeat }: { repeat: boolean }, named?: NamedRequest): Promise<StartedRun> {
    return this.once(caller, named, async () => {
      const run = await this.store.read(caller, id);
      if (!run || !(await this.agents.find(caller, run.agentId))) throw new ResourceNotFoundError();
      if (!isTerminal(run.head.status)) throw new RunNotEndedError();
      if (!repeat && effectsOf(run).length > 0) throw new RetryRepeatsEffectsError();
      const { agentId, agentVersion, input, timeoutMs } = run;
      return { agentId, agentVersion, input, timeoutMs, trigger: 'retry', retryOf: id };
    });
  }

  /** A request that comes again is answered, also when what it asks for would be refused by now. */
  private async once(
    caller: Principal,
    named: NamedRequest | undefined,
    prepare: () => Promise<Beginning>,
  ): Promise<StartedRun> {
    const request = named && requestKey(caller, named);
    try {
      return await this.begin(caller, await prepare(), request);
    } catch (error) {
      const known = error instanceof DomainError && request ? await this.known(caller, request) : undefined;
      if (!known) throw error;
      return known;
    }
  }

  private async begin(caller: Principal, wanted: Beginning, request: RunRequestKey | undefined): Promise<StartedRun> {
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

  private async known(owner: OwnerScope, request: RunRequestKey): Promise<StartedRun | undefined> {
    const found = await this.reader.findByRequest(owner, request);
    if (!found) return undefined;
    if (found.bodyHash !== request.bodyHash) throw new IdempotencyKeyReusedError();
    return { id: found.id, status: found.status, isReplayed: true };
  }
}

/** `named.key` holds all of it already; the parts are for people who look into the store. */
function requestKey(caller: Principal, { key, body }: NamedRequest): RunRequestKey {
  const { kind, id } = deciderOf(caller);
  return { principal: `${kind}:${id}`, route: 'runs', key, bodyHash: body };
}

function originOf(caller: Principal, wanted: Beginning): RunOrigin {
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
