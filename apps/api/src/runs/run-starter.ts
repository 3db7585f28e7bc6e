import { Injectable } from '@nestjs/common';
import { RunEnv } from '@flowmate/config';
import { AgentRepository, RunStore, type NamedRequest } from '@flowmate/database';
import { DomainError, isTerminal, ResourceNotFoundError, type Principal } from '@flowmate/domain';
import { effectsOf } from './run-decider.js';
import { requestKey, RunIntake, type BeginningRun, type StartedRun } from './run-intake.js';
import { RetryRepeatsEffectsError, RunNotEndedError } from './runs.errors.js';

export interface WantedRun {
  readonly input: string;
  readonly timeoutMs?: number | undefined;
  readonly externalId?: string | undefined;
}

/** What people start: runs of agents, and runs that are to be done again. */
@Injectable()
export class RunStarter {
  constructor(
    private readonly agents: AgentRepository,
    private readonly store: RunStore,
    private readonly intake: RunIntake,
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
    prepare: () => Promise<BeginningRun>,
  ): Promise<StartedRun> {
    const request = named && requestKey(caller, named);
    try {
      return await this.intake.begin(caller, await prepare(), request);
    } catch (error) {
      const known = error instanceof DomainError && request ? await this.intake.known(caller, request) : undefined;
      if (!known) throw error;
      return known;
    }
  }
}
