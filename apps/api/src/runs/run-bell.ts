import { Injectable } from '@nestjs/common';
import type { RunPlace, RunStatus } from '@flowmate/domain';
import { JobProducer, RUN_JOB } from '@flowmate/queue';
import { RunPublisher } from '@flowmate/realtime';

interface Told extends Pick<RunPlace, 'id' | 'seq'> {
  readonly workspaceId: string;
  readonly status: RunStatus;
}

/** Says that something has happened to a run: best effort and never waited for. Whoever hears nothing looks later. */
@Injectable()
export class RunBell {
  constructor(
    private readonly producer: JobProducer,
    private readonly publisher: RunPublisher,
  ) {}

  /** For a worker that has nothing to do: the run wants one. */
  ring({ id, seq }: Pick<RunPlace, 'id' | 'seq'>, inFlight: number): void {
    const job = { id: `${id}-${seq}`, payload: { runId: id }, priority: inFlight + 1 };
    void this.producer.add(RUN_JOB, job).catch(() => undefined);
  }

  /** For the worker that has the run. */
  tell(owner: string, runId: string): void {
    this.publisher.tellWorker(owner, { runId });
  }

  /** For those who watch. */
  show({ id: runId, seq, status, workspaceId }: Told): void {
    this.publisher.head(workspaceId, { runId, seq, status });
  }
}
