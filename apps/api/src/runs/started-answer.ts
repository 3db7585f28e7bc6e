import { Injectable } from '@nestjs/common';
import type { Principal } from '@flowmate/domain';
import type { HttpReply } from '../http/http.types.js';
import { markReplayed } from '../idempotency/idempotent.decorator.js';
import { RunAcceptedResponse, RunResponse } from './dto/run.response.js';
import { waitSecondsOf } from './prefer.js';
import type { StartedRun } from './run-intake.js';
import { RunWaiter } from './run-waiter.js';

/** What is answered about a run that was accepted: at once, or when it has ended. */
@Injectable()
export class StartedAnswers {
  constructor(private readonly waiter: RunWaiter) {}

  accepted(reply: HttpReply, { id, status, isReplayed }: StartedRun): RunAcceptedResponse {
    if (isReplayed) markReplayed(reply);
    reply.header('location', `/api/v1/runs/${id}`);
    return RunAcceptedResponse.of(id, status);
  }

  async preferred(
    caller: Principal,
    reply: HttpReply,
    started: StartedRun,
  ): Promise<RunAcceptedResponse | RunResponse> {
    const accepted = this.accepted(reply, started);
    const seconds = waitSecondsOf(reply.request.headers.prefer);
    if (seconds === undefined) return accepted;
    reply.header('preference-applied', `wait=${seconds}`);
    const ended = await this.untilEnd(caller, reply, started.id, seconds);
    if (!ended) return accepted;
    reply.status(200);
    return ended;
  }

  private async untilEnd(
    caller: Principal,
    { raw }: HttpReply,
    id: string,
    seconds: number,
  ): Promise<RunResponse | undefined> {
    const gone = new AbortController();
    const leave = (): void => gone.abort();
    raw.once('close', leave);
    if (raw.closed) leave();
    // Nothing moves on the connection for longer than it otherwise may.
    raw.socket?.setTimeout(0);
    const run = await this.waiter.until(caller, id, { timeoutMs: seconds * 1_000, signal: gone.signal });
    raw.off('close', leave);
    return run && RunResponse.of(run);
  }
}
