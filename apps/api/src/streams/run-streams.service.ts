import { randomInt } from 'node:crypto';
import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { StreamEnv } from '@flowmate/config';
import { RunReader, type JournalPage } from '@flowmate/database';
import { DomainError, isTerminal, ResourceNotFoundError, type Principal } from '@flowmate/domain';
import type { HttpReply } from '../http/http.types.js';
import { acceptsEvents, lastEventIdOf } from './stream-request.js';
import { RunStream, STREAM_PAGE } from './run-stream.js';
import { RunWatcher, type RunWatch } from './run-watcher.js';
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
    if (!acceptsEvents(reply.request.headers.accept)) throw new NotAcceptableError();
    const after = lastEventIdOf(reply.request.headers['last-event-id']);
    const stream = new RunStream({ reader: this.reader, owner: caller, runId, after });
    const watch = this.watcher.watch(caller.workspaceId, runId, stream);
    let isBegun = false;
    try {
      // First heard, then looked: what happens in between is seen.
      await watch.ready;
      const page = await this.reader.journal(caller, runId, { after, limit: STREAM_PAGE });
      if (!page) throw new ResourceNotFoundError();
      isBegun = this.letIn({ caller, after, page, stream, watch }, reply);
    } finally {
      if (!isBegun) watch.stop();
    }
  }

  /** Answers whether a stream was begun: who has everything already needs none. */
  private letIn(wanted: Wanted, reply: HttpReply): boolean {
    const { after, page } = wanted;
    if (after > page.seq) throw new LastEventIdInvalidError();
    // Whoever has everything is told not to come again.
    if (isTerminal(page.status) && after === page.seq) reply.status(204).send();
    else if (reply.request.method === 'HEAD') reply.type('text/event-stream; charset=utf-8').send();
    else {
      if (this.isDraining) throw new StreamCapacityError();
      this.begin(wanted, this.seats.take(wanted.caller), reply);
      return true;
    }
    return false;
  }

  private begin({ caller, after, page, stream, watch }: Wanted, leave: () => void, reply: HttpReply): void {
    const { state } = reply.request;
    if (state) state.isStream = true;
    const connection = new StreamConnection(reply, () => close());
    const again = state?.reauthenticate ?? (() => Promise.resolve(caller));
    const entry = { connection, stream, workspaceId: caller.workspaceId, again };
    this.open.add(entry);
    const close = (): void => {
      watch.stop();
      stream.closed();
      this.open.delete(entry);
      leave();
    };
    const isFar = after > 0 && page.seq - after > MAX_REPLAYED;
    const run = isFar ? stream.skip(connection, page) : stream.run(connection, page);
    void run.catch(() => connection.end());
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
  /** The last entry that the reader has. */
  readonly after: number;
  readonly page: JournalPage;
  readonly stream: RunStream;
  readonly watch: RunWatch;
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
