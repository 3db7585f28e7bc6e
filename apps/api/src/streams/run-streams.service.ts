import { randomInt } from 'node:crypto';
import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { StreamEnv } from '@flowmate/config';
import { RunReader, type JournalPage } from '@flowmate/database';
import { DomainError, isTerminal, ResourceNotFoundError, type Principal } from '@flowmate/domain';
import type { HttpReply } from '../http/http.types.js';
import { acceptsEvents, lastEventIdOf } from './stream-request.js';
import { RunStream } from './run-stream.js';
import { RunWatcher } from './run-watcher.js';
import { StreamConnection } from './stream-connection.js';
import { StreamSeats } from './stream-seats.js';
import { LastEventIdInvalidError, NotAcceptableError, StreamCapacityError } from './streams.errors.js';

interface OpenStream {
  readonly connection: StreamConnection;
  readonly stream: RunStream;
  readonly workspaceId: string;
  /** Who reads, found out anew; rejects when he is nobody any more. */
  readonly again: () => Promise<Principal>;
}

/** Who was away for longer than this is told where things stand, not everything that happened. */
const MAX_REPLAYED = 1_000;
/** Readers of a process that stops come to the others: not all in the same moment. */
const RETURN_MS = [500, 3_000] as const;

/** All streams of runs that this process serves. */
@Injectable()
export class RunStreams implements OnModuleInit, OnModuleDestroy {
  private readonly open = new Set<OpenStream>();
  private beating: NodeJS.Timeout | undefined;
  private isDraining = false;

  constructor(
    private readonly reader: RunReader,
    private readonly watcher: RunWatcher,
    private readonly seats: StreamSeats,
    private readonly settings: StreamEnv,
  ) {}

  onModuleInit(): void {
    this.beating = setInterval(() => void this.beat(), this.settings.heartbeatMs).unref();
  }

  /** Who watches goes on elsewhere, where he was. */
  onModuleDestroy(): void {
    this.isDraining = true;
    clearInterval(this.beating);
    for (const { connection } of this.open) {
      connection.send({ event: 'server.draining', data: {} });
      connection.retryAfter(randomInt(...RETURN_MS));
      connection.end();
    }
  }

  /** Throws before anything is answered; from then on the stream answers for itself. */
  async serve(caller: Principal, runId: string, reply: HttpReply): Promise<void> {
    const { headers, method, state } = reply.request;
    if (!acceptsEvents(headers.accept)) throw new NotAcceptableError();
    const lastEventId = lastEventIdOf(headers['last-event-id']);
    const page = await this.reader.journal(caller, runId, { after: lastEventId, limit: 1 });
    if (!page) throw new ResourceNotFoundError();
    if (lastEventId > page.seq) throw new LastEventIdInvalidError();
    // Whoever has everything is told not to come again.
    if (isTerminal(page.status) && lastEventId === page.seq) return void reply.status(204).send();
    if (method === 'HEAD') return void reply.type('text/event-stream; charset=utf-8').send();
    if (this.isDraining) throw new StreamCapacityError();
    const leave = this.seats.take(caller);
    const again = state?.reauthenticate ?? (() => Promise.resolve(caller));
    this.begin({ caller, runId, lastEventId, page, again, leave }, reply);
  }

  private begin(wanted: Wanted, reply: HttpReply): void {
    const { caller, runId, lastEventId, page, again, leave } = wanted;
    const isFar = lastEventId > 0 && page.seq - lastEventId > MAX_REPLAYED;
    if (reply.request.state) reply.request.state.isStream = true;
    const connection = new StreamConnection(reply, () => close());
    const after = isFar ? page.seq : lastEventId;
    const stream = new RunStream({ connection, reader: this.reader, owner: caller, runId, after });
    const watch = this.watcher.watch(caller.workspaceId, runId, stream);
    const entry = { connection, stream, workspaceId: caller.workspaceId, again };
    this.open.add(entry);
    const close = (): void => {
      watch.stop();
      stream.closed();
      this.open.delete(entry);
      leave();
    };
    const { seq, status } = page;
    if (isFar) connection.send({ id: seq, event: 'stream.reset', data: { seq, status } });
    // First heard, then looked: what happens in between is seen.
    void watch.ready.then(() => stream.run()).catch(() => connection.end());
  }

  private async beat(): Promise<void> {
    await Promise.all([...this.open].map((one) => this.beatOne(one)));
  }

  private async beatOne({ connection, workspaceId, again }: OpenStream): Promise<void> {
    connection.beat();
    if (await mayStillRead(workspaceId, again)) return;
    connection.send({ event: 'auth.expired', data: {} });
    connection.end();
  }
}

interface Wanted {
  readonly caller: Principal;
  readonly runId: string;
  readonly lastEventId: number;
  readonly page: JournalPage;
  readonly again: () => Promise<Principal>;
  readonly leave: () => void;
}

/** A store that is away says nothing about anybody: it is asked again at the next beat. */
async function mayStillRead(workspaceId: string, again: () => Promise<Principal>): Promise<boolean> {
  try {
    const caller = await again();
    return caller.workspaceId === workspaceId && caller.permissions.has('runs:read');
  } catch (error) {
    return error instanceof DomainError && error.kind === 'unavailable';
  }
}
