import { request, type Server } from 'node:http';
import { connect } from 'node:net';
import { RunReader, UserRepository } from '@flowmate/database';
import { ApiKeyService, Callers } from '@flowmate/identity';
import { fold, type NewEntry } from '@flowmate/domain';
import { RunPublisher } from '@flowmate/realtime';
import { eventually, verifies } from '@flowmate/testing';
import { startApiUnderTest, type ApiUnderTest } from './harness/api-under-test.js';
import { ask } from './harness/ask.js';
import { EventStream } from './harness/event-stream.js';
import { newPerson, type Person } from './harness/people.js';
import { advance, answered, started, succeeded } from './harness/runs.js';
import { send } from './harness/send.js';

const AGENTS = '/api/v1/agents';
const RUNS = '/api/v1/runs';
/** So many texts of 60 KB at once are more than a reader may leave unread. */
const BURST = 10;
const EVENTS = { accept: 'text/event-stream' };
const NASTY = '\n\nevent: admin\ndata: x\r\r\u2028id: 9\u2029:';

describe(verifies('AP-13', 'the live stream of a run'), () => {
  let api: ApiUnderTest;
  let ada: Person;
  let agentId: string;
  let runId: string;
  const streams: EventStream[] = [];

  beforeAll(async () => {
    api = await startApiUnderTest({ modules: [], variables: { SSE_HEARTBEAT_INTERVAL: '200ms' } });
  });
  afterAll(() => api.close());
  beforeEach(async () => {
    ada = await newPerson(api);
    agentId = (await ask(api, ada, AGENTS, { body: { name: 'x' } })).json.id;
    runId = await begin();
  });
  afterEach(() => {
    for (const stream of streams.splice(0)) stream.close();
  });

  const get = <T>(type: abstract new (...args: never[]) => T): T => api.app.get(type, { strict: false });
  const begin = async (): Promise<string> =>
    (await ask(api, ada, `${AGENTS}/${agentId}/run`, { body: { input: 'x' } })).json.runId;
  const path = (id = runId): string => `${RUNS}/${id}/stream`;
  const open = async (
    headers: Record<string, string> = {},
    { who = ada, at = path(), on = api }: { who?: Pick<Person, 'headers'>; at?: string; on?: ApiUnderTest } = {},
  ): Promise<EventStream> => {
    const stream = await EventStream.open(on.port, at, { ...who.headers, ...EVENTS, ...headers });
    streams.push(stream);
    return stream;
  };
  const refusal = async (headers: Record<string, string>, at = path(), who: Pick<Person, 'headers'> = ada) =>
    (await ask(api, who, at, { headers })).outcome;
  const over = (stream: EventStream) => eventually(() => expect(stream.isOver).toBe(true));
  const finish = (options?: { isSilent?: boolean }) =>
    advance(api, runId, [...started(), answered('Done.'), succeeded('Done.')], options);

  it('brings each entry once and in order, says that it is over, and ends', async () => {
    const stream = await open();
    expect([stream.status, stream.response.headers['content-type']]).toEqual([200, 'text/event-stream; charset=utf-8']);
    expect(stream.response.headers).toMatchObject({
      'cache-control': 'no-store, no-transform',
      'x-accel-buffering': 'no',
      'x-content-type-options': 'nosniff',
    });
    await eventually(() => expect(stream.ids).toEqual([1]));
    await finish();
    await over(stream);
    expect(stream.names).toEqual([
      'run.queued',
      'run.started',
      'model.called',
      'model.answered',
      'run.succeeded',
      'stream.end',
    ]);
    expect(stream.ids).toEqual([1, 2, 3, 4, 5]);
    expect(stream.events[4]).toMatchObject({ data: { seq: 5, data: { output: { text: 'Done.' } } } });
    expect(stream.events[5]).toMatchObject({ id: undefined, data: { seq: 5, status: 'succeeded' } });
  });

  it('says what the journal says, word for word, so that one fold reads both', async () => {
    await finish();
    const stream = await open();
    await over(stream);
    const { entries } = (await ask(api, ada, `${RUNS}/${runId}/journal`)).json;
    expect(entries).toHaveLength(5);
    expect(stream.events.slice(0, 5).map(({ data }) => data)).toEqual(entries);
    expect(Math.abs(Date.now() - entries[0].at)).toBeLessThan(60_000);
    expect(fold(entries)).toMatchObject({ seq: 5, status: 'succeeded' });
  });

  it('is only late when bells are lost', async () => {
    const stream = await open();
    await eventually(() => expect(stream.ids).toEqual([1]));
    await finish({ isSilent: true });
    await over(stream);
    expect(stream.ids).toEqual([1, 2, 3, 4, 5]);
  });

  it('goes on without a gap behind the last event that its reader has', async () => {
    await advance(api, runId, started());
    const stream = await open({ 'last-event-id': '2' });
    await finishFrom(stream);
    expect(stream.ids).toEqual([3, 4, 5]);
  });
  const finishFrom = async (stream: EventStream): Promise<void> => {
    await advance(api, runId, [answered('Done.'), succeeded('Done.')]);
    await over(stream);
  };

  it('has no gap and nothing twice over a hundred reconnections while it is written', async () => {
    const steps: NewEntry[] = Array.from({ length: 60 }, () => ({ type: 'run.forked', data: { from: 'x', seq: 1 } }));
    const writing = (async () => {
      for (const step of steps) await advance(api, runId, [step], { isSilent: Math.random() < 0.5 });
      await finish();
    })();
    const seen: number[] = [];
    let last: EventStream | undefined;
    for (let n = 0; n < 100 && seen.at(-1) !== 65; n += 1) {
      last = await open(seen.length > 0 ? { 'last-event-id': String(seen.at(-1)) } : {});
      const { status } = last;
      expect([200, 204]).toContain(status);
      const wanted = n % 5 === 0 ? 3 : 1;
      await eventually(() => expect(last!.isOver || last!.ids.length >= wanted).toBe(true), 10_000);
      last.close();
      seen.push(...last.ids);
    }
    await writing;
    const end = await open({ 'last-event-id': String(seen.at(-1)) });
    await over(end);
    seen.push(...end.ids);
    expect(seen).toEqual(Array.from({ length: 65 }, (_, index) => index + 1));
  }, 60_000);

  it('brings what a model is saying, with no id, and nothing of it after it has been said', async () => {
    const stream = await open();
    await eventually(() => expect(stream.ids).toEqual([1]));
    await advance(api, runId, started());
    await eventually(() => expect(stream.ids).toEqual([1, 2, 3]));
    const say = (text: string) => get(RunPublisher).text(ada.workspaceId, { runId, epoch: 1, step: 1, text });
    say('Do');
    say('ne.');
    await eventually(() => expect(stream.names.filter((name) => name === 'model.text')).toHaveLength(2));
    await advance(api, runId, [answered('Done.')]);
    await eventually(() => expect(stream.ids).toEqual([1, 2, 3, 4]));
    say('late');
    await advance(api, runId, [succeeded('Done.')]);
    await over(stream);
    const texts = stream.events.filter(({ event }) => event === 'model.text');
    expect(texts).toEqual(
      ['Do', 'ne.'].map((text) => ({ id: undefined, event: 'model.text', data: { epoch: 1, step: 1, text } })),
    );
  });

  it('Z07 is one event for its reader, whatever stands in it', async () => {
    const stream = await open();
    await advance(api, runId, [...started(), answered(NASTY), succeeded(NASTY)]);
    await over(stream);
    expect(stream.names).toHaveLength(6);
    expect(stream.events[4]?.data.data.output.text).toBe(NASTY);
    expect(stream.names).not.toContain('admin');
  });

  it('shows that it is alive', async () => {
    const stream = await open();
    await eventually(() => expect(stream.comments).toBeGreaterThan(1));
  });

  it('Z01 is for nobody who does not say who he is, whatever he writes into the address', async () => {
    for (const query of [
      '',
      `?access_token=${ada.accessToken}`,
      `?token=${ada.accessToken}`,
      '?ticket=',
      '?ticket=a&ticket=b',
    ])
      expect((await ask(api, { headers: {} } as never, `${path()}${query}`)).status).toBe(401);
  });

  it('Z02 is for nobody else', async () => {
    const missing = [404, 'resource_not_found'];
    const bob = await newPerson(api);
    expect(await refusal(EVENTS, path(), bob)).toEqual(missing);
    expect(await refusal(EVENTS, path('0123456789abcdef01234567'), bob)).toEqual(missing);
  });

  it.each(['abc', '-1', '1e30', '9'.repeat(5_000), '99', '1.5'])('Z03 begins behind no event %j', async (id) => {
    expect(await refusal({ ...EVENTS, 'last-event-id': id })).toEqual([400, 'last_event_id_invalid']);
  });

  it('Z04 begins with how things stand for who was away for long', async () => {
    const many: NewEntry[] = Array.from({ length: 1_010 }, () => ({ type: 'run.forked', data: { from: 'x', seq: 1 } }));
    await advance(api, runId, many);
    const stream = await open({ 'last-event-id': '5' });
    await eventually(() => expect(stream.events).toHaveLength(1));
    expect(stream.events).toEqual([{ id: '1011', event: 'stream.reset', data: { seq: 1_011, status: 'queued' } }]);
    await finish();
    await over(stream);
    expect(stream.ids).toEqual([1_011, 1_012, 1_013, 1_014, 1_015]);
    const whole = await open();
    await over(whole);
    expect(whole.ids).toHaveLength(1_015);
  });

  it('Z05 does not begin for who has had everything, so that his browser asks no more', async () => {
    await finish();
    const { status, body } = await ask(api, ada, path(), { headers: { ...EVENTS, 'last-event-id': '5' } });
    expect([status, body]).toEqual([204, '']);
  });

  it('Z06 is open as often at once as the tier allows, and again when one was closed', async () => {
    const eve = await newPerson(api, { tier: 'free' });
    const agent = (await ask(api, eve, AGENTS, { body: { name: 'x' } })).json.id;
    const run = (await ask(api, eve, `${AGENTS}/${agent}/run`, { body: { input: 'x' } })).json.runId;
    const mine: EventStream[] = [];
    for (let n = 0; n < 5; n += 1) mine.push(await open({}, { who: eve, at: path(run) }));
    expect(await refusal(EVENTS, path(run), eve)).toEqual([429, 'sse_connection_limit']);
    mine[0]?.close();
    await eventually(async () => {
      const again = await open({}, { who: eve, at: path(run) });
      expect(again.status).toBe(200);
    });
  });

  it('Z10 is for who accepts events', async () => {
    expect(await refusal({ accept: 'text/html' })).toEqual([406, 'not_acceptable']);
    expect((await open({ accept: '*/*' })).status).toBe(200);
  });

  it('is told about to HEAD without being opened', async () => {
    const { status, body, headers } = await send(api.port, { method: 'HEAD', path: path(), headers: ada.headers });
    expect([status, body, headers['content-type']]).toEqual([200, '', 'text/event-stream; charset=utf-8']);
  });

  describe('with a ticket', () => {
    const ticketOf = async (at = path(), who: Pick<Person, 'headers'> = ada): Promise<string> =>
      (await ask(api, who, '/api/v1/stream-tickets', { body: { path: at } })).json.ticket;
    const withTicket = async (ticket: string, at = path()) =>
      ask(api, { headers: {} } as never, `${at}?ticket=${ticket}`, { headers: EVENTS });

    it('Z12 opens once, and its own stream only', async () => {
      const ticket = await ticketOf();
      const stream = await open({}, { who: { headers: {} } as never, at: `${path()}?ticket=${ticket}` });
      expect(stream.status).toBe(200);
      await eventually(() => expect(stream.ids).toEqual([1]));
      const used = [401, 'stream_ticket_invalid'];
      expect((await withTicket(ticket)).outcome).toEqual(used);
      expect((await withTicket(await ticketOf(), path(await begin()))).outcome).toEqual(used);
      expect((await withTicket('x'.repeat(43))).outcome).toEqual(used);
      expect(api.raw()).not.toContain(ticket);
    });

    it('of a key opens as far as the key goes, and no longer than it is good', async () => {
      const principal = await get(Callers).ofSession({ ...ada, sessionVersion: 1 });
      const by = { actor: { kind: 'system' as const } };
      const wanted = { name: 'k', role: 'service' as const, scopes: ['streams:open', 'runs:read'] as const };
      const made = await get(ApiKeyService).create(principal!, wanted, by);
      const who = { headers: { authorization: `Bearer ${made.secret}` } };
      const stream = await open(
        {},
        { who: { headers: {} } as never, at: `${path()}?ticket=${await ticketOf(path(), who)}` },
      );
      expect(stream.status).toBe(200);
      await get(ApiKeyService).revoke(ada, made.key.id, by);
      await eventually(() => expect(stream.names.at(-1)).toBe('auth.expired'), 10_000);
      await over(stream);
    }, 20_000);
  });

  it('Z08 ends for a person who may no longer read', async () => {
    const stream = await open();
    await eventually(() => expect(stream.ids).toEqual([1]));
    await get(UserRepository).setDisabled(ada.userId, new Date());
    await eventually(() => expect(stream.names.at(-1)).toBe('auth.expired'), 10_000);
    await over(stream);
  }, 20_000);

  it('Z09 leaves nothing behind when it is opened and left a hundred times', async () => {
    const seats = async (): Promise<string> =>
      /^flowmate_streams_open (\d+)$/m.exec(await api.metrics.text())?.[1] ?? '';
    await eventually(async () => expect(await seats()).toBe('0'));
    for (let n = 0; n < 100; n += 1) (await open()).close();
    await eventually(async () => expect(await seats()).toBe('0'));
  });

  it('Z09 leaves nothing behind for who has left before he is let in', async () => {
    const seats = async () => /^flowmate_streams_open (\d+)$/m.exec(await api.metrics.text())?.[1];
    await eventually(async () => expect(await seats()).toBe('0'));
    const [letIn, left] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const reader = get(RunReader);
    const journal = reader.journal.bind(reader);
    const looking = jest.spyOn(reader, 'journal').mockImplementationOnce(async (...args) => {
      letIn.resolve();
      await left.promise;
      return journal(...args);
    });
    const server: Server = api.app.getHttpServer();
    server.once('request', (_, answer) => answer.once('close', left.resolve));
    const headers = { ...ada.headers, ...EVENTS };
    const outgoing = request({ host: '127.0.0.1', port: api.port, path: path(), headers });
    outgoing.on('error', () => undefined).end();
    await letIn.promise;
    outgoing.destroy();
    await left.promise;
    await eventually(() => expect(looking.mock.results).toHaveLength(1));
    await looking.mock.results[0]?.value;
    looking.mockRestore();
    await eventually(async () => expect(await seats()).toBe('0'));
    (await open()).close();
    await eventually(async () => expect(await seats()).toBe('0'));
  });

  it('Z09 is cut off for a reader who does not read, and others are served', async () => {
    const socket = connect(api.port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write(
      `GET ${path()} HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\nAuthorization: ${ada.headers.authorization}\r\n\r\n`,
    );
    socket.pause();
    const other = await open();
    await eventually(() => expect(other.ids).toEqual([1]));
    const isCut = new Promise<void>((resolve) => void socket.on('close', resolve));
    const text = 'x'.repeat(60_000);
    let said = 0;
    await eventually(async () => {
      for (let n = 0; n < BURST; n += 1) get(RunPublisher).text(ada.workspaceId, { runId, epoch: 1, step: 1, text });
      said += BURST;
      // No faster than the one who reads: he is not to be cut off.
      await eventually(() => expect(other.names.filter((name) => name === 'model.text')).toHaveLength(said), 10_000);
      expect(/^flowmate_streams_open 1$/m.test(await api.metrics.text())).toBe(true);
    }, 30_000);
    socket.resume();
    await isCut;
    await finish();
    await over(other);
    expect(other.ids).toEqual([1, 2, 3, 4, 5]);
  }, 40_000);

  it('goes to the log as what it was, not as a failure', async () => {
    const stream = await open({ 'x-correlation-id': 'stream-in-the-log' });
    await eventually(() => expect(stream.ids).toEqual([1]));
    stream.close();
    expect(await api.lineOf('stream-in-the-log')).toMatchObject({ status: 200, route: '/api/v1/runs/:id/stream' });
  });
});

describe('without Redis', () => {
  it('runs are accepted all the same, and their streams are only late', async () => {
    const api = await startApiUnderTest({ modules: [], variables: { REDIS_URL: '' } });
    try {
      const ada = await newPerson(api);
      const agent = (await ask(api, ada, AGENTS, { body: { name: 'x' } })).json.id;
      const accepted = await ask(api, ada, `${AGENTS}/${agent}/run`, { body: { input: 'x' } });
      expect(accepted.status).toBe(202);
      const { runId } = accepted.json;
      const stream = await EventStream.open(api.port, `${RUNS}/${runId}/stream`, { ...ada.headers, ...EVENTS });
      await eventually(() => expect(stream.ids).toEqual([1]));
      await advance(api, runId, [...started(), answered('Done.'), succeeded('Done.')]);
      await eventually(() => expect(stream.isOver).toBe(true));
      expect(stream.ids).toEqual([1, 2, 3, 4, 5]);
    } finally {
      await api.close();
    }
  });
});

describe('live streams of a server', () => {
  it('Z06 are as many as it can serve, and are told to come again when it stops (F08)', async () => {
    const api = await startApiUnderTest({ modules: [], variables: { SSE_MAX_CONNECTIONS: '2' } });
    try {
      const ada = await newPerson(api);
      const agent = (await ask(api, ada, AGENTS, { body: { name: 'x' } })).json.id;
      const { runId } = (await ask(api, ada, `${AGENTS}/${agent}/run`, { body: { input: 'x' } })).json;
      const at = `${RUNS}/${runId}/stream`;
      const open = () => EventStream.open(api.port, at, { ...ada.headers, ...EVENTS });
      const streams = [await open(), await open()];
      const refused = await ask(api, ada, at, { headers: EVENTS });
      expect(refused.outcome).toEqual([503, 'sse_capacity']);
      expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
      for (const stream of streams) await eventually(() => expect(stream.ids).toEqual([1]));
      const began = performance.now();
      await api.close();
      expect(performance.now() - began).toBeLessThan(5_000);
      for (const stream of streams) {
        await eventually(() => expect(stream.isOver).toBe(true));
        expect(stream.names.at(-1)).toBe('server.draining');
        expect(stream.retryMs).toBeGreaterThan(0);
      }
    } finally {
      await api.close();
    }
  });
});
