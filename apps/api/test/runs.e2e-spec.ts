import { randomUUID } from 'node:crypto';
import { PayloadRepository, RunStore } from '@flowmate/database';
import { fold, headOf, newId } from '@flowmate/domain';
import { eventually, verifies } from '@flowmate/testing';
import { startApiUnderTest, type ApiUnderTest } from './harness/api-under-test.js';
import { ask, type Asked } from './harness/ask.js';
import { newPerson, type Person } from './harness/people.js';
import { advance, answered, intended, runOf, started, succeeded } from './harness/runs.js';

const AGENTS = '/api/v1/agents';
const RUNS = '/api/v1/runs';

describe('runs', () => {
  let api: ApiUnderTest;
  let ada: Person;
  let agentId: string;

  beforeAll(async () => {
    api = await startApiUnderTest({ modules: [] });
  });
  afterAll(() => api.close());
  beforeEach(async () => {
    ada = await newPerson(api);
    agentId = (await as(AGENTS, { body: { name: 'Reporter', limits: { timeoutMs: 45_000 } } })).json.id;
  });

  const as = (path: string, asked?: Asked, who = ada) => ask(api, who, path, asked);
  const start = (body: object = { input: 'Hello' }, headers: Record<string, string> = {}, who = ada) =>
    as(`${AGENTS}/${agentId}/run`, { body, headers }, who);
  const begin = async (body?: object): Promise<string> => (await start(body)).json.runId;
  const get = <T>(type: abstract new (...args: never[]) => T): T => api.app.get(type, { strict: false });

  describe(verifies('FM-29', 'FM-40', 'that are started'), () => {
    it('are stored before they are answered, pinned to a version, and queued', async () => {
      await as(`${AGENTS}/${agentId}`, { method: 'PATCH', body: { name: 'v2' }, headers: { 'if-match': '"1"' } });
      const { status, json, headers } = await start({ input: 'Hällo 😀 {{7*7}}', externalId: 'order-1' });
      expect([status, json.status, headers.location]).toEqual([202, 'queued', `${RUNS}/${json.runId}`]);
      expect(json.links.stream).toBe(`${RUNS}/${json.runId}/stream`);
      const run = await runOf(api, json.runId);
      expect(run).toMatchObject({
        workspaceId: ada.workspaceId,
        agentId,
        agentVersion: 2,
        input: 'Hällo 😀 {{7*7}}',
        timeoutMs: 45_000,
        externalId: 'order-1',
        trigger: 'api',
        startedBy: { kind: 'user', id: ada.userId, userId: ada.userId },
      });
      expect(run.wakeAt).not.toBeNull();
      expect(run.head).toEqual(headOf(fold(run.journal)));
    });

    it.each([
      ['N01 an empty input', { input: '' }, 400],
      ['N01 5,000 characters', { input: '😀'.repeat(5_000) }, 202],
      ['N01 5,001 characters', { input: '😀'.repeat(5_001) }, 400],
      ['N01 a NUL', { input: 'a\0b' }, 400],
      ['N01 half a character', { input: '\ud800' }, 400],
      ['N12 templates', { input: '{{7*7}} ${process.env.X} <%= %> =HYPERLINK()' }, 202],
      ['N13 no time', { input: 'x', timeoutMs: 0 }, 400],
      ['N13 less than no time', { input: 'x', timeoutMs: -1 }, 400],
      ['N13 eleven days', { input: 'x', timeoutMs: 1e9 }, 400],
      ['N13 a time in words', { input: 'x', timeoutMs: '30' }, 400],
      ['N13 a time that there is', { input: 'x', timeoutMs: 1_000 }, 202],
      ['N15 a system prompt', { input: 'x', systemPrompt: 'evil' }, 400],
      ['N15 tools', { input: 'x', tools: ['http.request'] }, 400],
      ['N15 a definition', { input: 'x', definition: {} }, 400],
      ['an external id of two lines', { input: 'x', externalId: 'a\nb' }, 400],
    ])('%s', async (_, body, status) => {
      expect((await start(body)).status).toBe(status);
    });

    it('R01 are of nobody else’s agent, and of none that is gone', async () => {
      const missing = [404, 'resource_not_found'];
      expect((await start({ input: 'x' }, {}, await newPerson(api))).outcome).toEqual(missing);
      await as(`${AGENTS}/${agentId}`, { method: 'DELETE' });
      expect((await start()).outcome).toEqual(missing);
    });
  });

  describe('that are started with a key', () => {
    const named = (key: string, body: object = { input: 'x' }, who = ada) =>
      start(body, { 'idempotency-key': key }, who);

    it('N07 are one run, N08 of one body', async () => {
      const key = randomUUID();
      const [first, again, other] = [await named(key), await named(key), await named(key, { input: 'y' })];
      expect([again.status, again.json.runId, again.headers['idempotent-replayed']]).toEqual([
        202,
        first.json.runId,
        'true',
      ]);
      expect(first.headers).not.toHaveProperty('idempotent-replayed');
      expect(other.outcome).toEqual([422, 'idempotency_key_reused']);
    });

    it('N09 are one run, of twenty at once', async () => {
      const key = randomUUID();
      const all = await Promise.all(Array.from({ length: 20 }, () => named(key)));
      expect(new Set(all.map(({ status, json }) => `${status} ${json.runId}`)).size).toBe(1);
      expect(all.filter(({ headers }) => headers['idempotent-replayed'] === undefined)).toHaveLength(1);
      expect((await as(RUNS)).json.runs).toHaveLength(1);
    });

    it.each(['', 'x'.repeat(256), 'a b'])('N10 have a key that is one, not %j', async (key) => {
      expect((await named(key)).outcome).toEqual([400, 'idempotency_key_invalid']);
    });

    it('are answered also when the agent is gone by now', async () => {
      const key = randomUUID();
      const first = await named(key);
      await as(`${AGENTS}/${agentId}`, { method: 'DELETE' });
      expect((await named(key)).json.runId).toBe(first.json.runId);
    });
  });

  describe('whose caller would rather wait', () => {
    const waiting = (seconds: number, body: object = { input: 'x' }) => start(body, { prefer: `wait=${seconds}` });
    const idOf = async (externalId: string): Promise<string> =>
      eventually(async () => {
        const [found] = (await as(`${RUNS}?externalId=${externalId}`)).json.runs;
        if (!found) throw new Error('not accepted yet');
        return found.runId;
      });

    it.each([false, true])('are answered when they end (bell lost: %s)', async (isSilent) => {
      const answer = waiting(20, { input: 'x', externalId: 'waited' });
      await advance(api, await idOf('waited'), [...started(), answered('It is done.'), succeeded('It is done.')], {
        isSilent,
      });
      const { status, json, headers } = await answer;
      expect([status, headers['preference-applied']]).toEqual([200, 'wait=20']);
      expect(json).toMatchObject({ status: 'succeeded', result: { text: 'It is done.' } });
    });

    it('are answered as accepted when that takes too long', async () => {
      const { status, json, headers } = await waiting(1);
      expect([status, json.status, headers['preference-applied']]).toEqual([202, 'queued', 'wait=1']);
    });
  });

  it('N14 wait for their turn when there are as many as may run, and say their place', async () => {
    const eve = await newPerson(api, { tier: 'free' });
    agentId = (await as(AGENTS, { body: { name: 'x' } }, eve)).json.id;
    const ids: string[] = [];
    for (let n = 0; n < 12; n += 1) ids.push((await start({ input: 'x' }, {}, eve)).json.runId);
    const runs = await Promise.all(ids.map((id) => runOf(api, id)));
    expect(runs.map(({ wakeAt }) => wakeAt !== null)).toEqual([
      ...Array.from({ length: 10 }, () => true),
      false,
      false,
    ]);
    const places = runs.map(({ journal: [first] }) => first?.type === 'run.queued' && first.data.position);
    expect(places.slice(0, 10)).toEqual(Array.from({ length: 10 }, () => 0));
    expect(places.slice(10)).toEqual([11, 12]);
    expect(runs.every(({ head }) => head.status === 'queued')).toBe(true);
  });

  it('N14 are refused when as many wait as may, and when the instance is full', async () => {
    const small = await startApiUnderTest({ modules: [], variables: { BACKLOG_MAX: '3' } });
    try {
      const eve = await newPerson(small);
      const { json } = await ask(small, eve, AGENTS, { body: { name: 'x' } });
      const path = `${AGENTS}/${json.id}/run`;
      for (let n = 0; n < 3; n += 1) expect((await ask(small, eve, path, { body: { input: 'x' } })).status).toBe(202);
      const refused = await ask(small, eve, path, { body: { input: 'x' } });
      expect(refused.outcome).toEqual([503, 'dependency_unavailable']);
      expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    } finally {
      await small.close();
    }
  });

  describe('that are read', () => {
    it('show what came out, what it cost and how long it took', async () => {
      const id = await begin();
      expect((await as(`${RUNS}/${id}`)).json).toMatchObject({ status: 'queued', result: null, error: null, seq: 1 });
      await advance(api, id, [...started(), answered('It is 19:00.'), succeeded('It is 19:00.')]);
      const { json } = await as(`${RUNS}/${id}`);
      expect(json).toMatchObject({
        runId: id,
        status: 'succeeded',
        input: 'Hello',
        result: { text: 'It is 19:00.' },
        error: null,
        usage: { costMicros: 1_500, modelCalls: 1 },
        timings: { activeMs: 12, timeoutMs: 45_000, endedAt: expect.any(String) },
        links: { agent: `${AGENTS}/${agentId}` },
        seq: 5,
      });
    });

    it('show why they failed', async () => {
      const id = await begin();
      const data = { code: 'llm_unavailable', message: 'Nobody answered.', output: null };
      await advance(api, id, [...started(), { type: 'run.failed', data }]);
      expect((await as(`${RUNS}/${id}`)).json).toMatchObject({
        status: 'failed',
        errorCode: 'llm_unavailable',
        error: { code: 'llm_unavailable', message: 'Nobody answered.' },
        result: null,
        undecided: [],
      });
    });

    it('show what they had said when they failed, and the calls of which nobody knows the end', async () => {
      const id = await begin();
      const call = [{ tool: 'http.request', args: '{}' }];
      await advance(api, id, [...started(), answered('I send it.', call), intended('A')]);
      const data = { code: 'run_timeout', message: 'x', output: { text: 'I send it.' }, undecided: [5] };
      await advance(api, id, [{ type: 'run.failed', data }]);
      expect((await as(`${RUNS}/${id}`)).json).toMatchObject({ result: { text: 'I send it.' }, undecided: [5] });
    });

    it('R01 are nobody else’s', async () => {
      const id = await begin();
      const bob = await newPerson(api);
      for (const path of ['', '/journal', '/stream', `/payloads/${'0'.repeat(64)}`])
        expect((await as(`${RUNS}/${id}${path}`, {}, bob)).outcome).toEqual([404, 'resource_not_found']);
      for (const path of ['/cancel', '/retry', '/review'])
        expect(
          (await as(`${RUNS}/${id}${path}`, { body: path === '/review' ? { seq: 1, decision: 'done' } : {} }, bob))
            .outcome,
        ).toEqual([404, 'resource_not_found']);
      expect((await as(RUNS, {}, bob)).json.runs).toEqual([]);
      expect((await as(RUNS, { headers: { 'x-workspace-id': ada.workspaceId } }, bob)).status).toBe(404);
    });

    it('show their journal from both ends, with and without texts', async () => {
      const id = await begin();
      await advance(api, id, [...started(), answered('A long answer.'), succeeded('A long answer.')]);
      const journal = async (query = '') => (await as(`${RUNS}/${id}/journal${query}`)).json;
      const seqs = async (query: string) => (await journal(query)).entries.map(({ seq }: { seq: number }) => seq);
      const types = (await journal()).entries.map(({ type }: { type: string }) => type);
      expect(types).toEqual(['run.queued', 'run.started', 'model.called', 'model.answered', 'run.succeeded']);
      expect([await seqs('?after=3'), await seqs('?limit=2'), await seqs('?after=9')]).toEqual([[4, 5], [1, 2], []]);
      expect([await seqs('?before=6&limit=2'), await seqs('?before=2'), await seqs('?before=1')]).toEqual([
        [4, 5],
        [1],
        [],
      ]);
      expect(await seqs('?after=2&before=5')).toEqual([3, 4]);
      const { entries, seq, status } = await journal('?summary=true');
      expect([seq, status]).toEqual([5, 'succeeded']);
      expect(JSON.stringify(entries)).not.toContain('A long answer.');
      expect(entries[3].data).toMatchObject({ text: { bytes: 14 }, usage: { costMicros: 1_500 } });
    });

    it('show long texts whole and in parts', async () => {
      const id = await begin();
      const text = `${'ä'.repeat(10_000)}end`;
      const { ref, bytes } = await get(PayloadRepository).put(ada, id, text);
      await advance(api, id, [...started(), { type: 'run.succeeded', data: { output: { ref, bytes } } }]);
      const { result } = (await as(`${RUNS}/${id}`)).json;
      expect(result).toEqual({ link: `${RUNS}/${id}/payloads/${ref}`, bytes: 20_003 });
      const whole = await as(result.link);
      expect([whole.status, whole.body, whole.headers['content-type']]).toEqual([
        200,
        text,
        'text/plain; charset=utf-8',
      ]);
      expect(whole.headers).toMatchObject({ 'accept-ranges': 'bytes', etag: `"${ref}"`, 'content-length': '20003' });
      const part = await as(result.link, { headers: { range: 'bytes=-3' } });
      expect([part.status, part.body, part.headers['content-range']]).toEqual([206, 'end', 'bytes 20000-20002/20003']);
      expect((await as(result.link, { headers: { range: 'bytes=99999-' } })).outcome).toEqual([
        416,
        'range_not_satisfiable',
      ]);
      expect((await as(`${RUNS}/${id}/payloads/${'0'.repeat(64)}`)).outcome).toEqual([404, 'resource_not_found']);
      expect((await as(`${RUNS}/${id}/payloads/..%2f`)).status).toBe(400);
    });
  });

  it('are listed the latest first, page by page, by everything that the list can be narrowed by', async () => {
    const [one, two, three] = [await begin({ input: 'a', externalId: 'x/1' }), await begin(), await begin()];
    await advance(api, one, [...started(), answered('a'), succeeded('a')]);
    const data = { code: 'llm_auth', message: 'no', output: null };
    await advance(api, two, [...started(), { type: 'run.failed', data }]);
    const list = async (query: string) => {
      const { json } = await as(`${RUNS}?${query}`);
      return json.runs.map(({ runId }: { runId: string }) => runId);
    };
    const { createdAt } = await runOf(api, two);
    const moment = new Date(createdAt).toISOString();
    const expected: Array<[string, string[]]> = [
      ['', [three, two, one]],
      ['status=succeeded', [one]],
      ['status=queued', [three]],
      ['reason=review', []],
      [`agentId=${agentId}`, [three, two, one]],
      [`agentId=${ada.userId}`, []],
      ['version=1', [three, two, one]],
      ['version=2', []],
      ['trigger=retry', []],
      ['errorCode=llm_auth', [two]],
      ['externalId=x/1', [one]],
      ['minCostMicros=1&maxCostMicros=1500', [one]],
      ['minCostMicros=1501', []],
      [`since=${moment}`, [three, two, one].filter((id) => id >= two.slice(0, 12))],
      [`until=${moment}`, [one].filter((id) => id < two.slice(0, 12))],
    ];
    for (const [query, ids] of expected) expect([query, await list(query)]).toEqual([query, ids]);
    const first = (await as(`${RUNS}?limit=2`)).json;
    expect((await as(`${RUNS}?limit=2&cursor=${first.nextCursor}`)).json.runs).toMatchObject([{ runId: one }]);
  });

  it.each(['status=done', 'status[$ne]=x', 'reason=', 'since=yesterday', 'minCostMicros=-1', 'errorCode=$x', 'sort=x'])(
    'Q02 are not listed by %s',
    async (query) => expect((await as(`${RUNS}?${query}`)).outcome).toEqual([400, 'validation_failed']),
  );

  describe('that are cancelled', () => {
    const cancel = (id: string) => as(`${RUNS}/${id}/cancel`, { method: 'POST' });

    it('N16 end at once while nobody works on them, and are not cancelled twice', async () => {
      const id = await begin();
      const { status, json } = await cancel(id);
      expect([status, json.status]).toEqual([202, 'cancelled']);
      const run = await runOf(api, id);
      expect(run.journal.map(({ type }) => type)).toEqual(['run.queued', 'run.cancel_requested', 'run.cancelled']);
      expect(run.head).toEqual(headOf(fold(run.journal)));
      expect((await cancel(id)).outcome).toEqual([409, 'run_not_cancellable']);
    });

    it('N16 end at once while they wait for a provider', async () => {
      const id = await begin();
      const until = Date.now() + 900_000;
      await advance(api, id, [
        ...started(),
        { type: 'run.waiting', data: { reason: 'retry', amount: 900_000, until } },
      ]);
      expect((await cancel(id)).json.status).toBe('cancelled');
      expect(await runOf(api, id)).toMatchObject({ owner: null, wakeAt: null, head: { status: 'cancelled' } });
    });

    it('N16 leave it to the worker that has them, once, however often it is asked for', async () => {
      const id = await begin();
      await advance(api, id, started(), { owner: 'worker-1' });
      const all = await Promise.all(Array.from({ length: 10 }, () => cancel(id)));
      expect(all.map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => 202));
      const run = await runOf(api, id);
      expect(run.journal.filter(({ type }) => type === 'run.cancel_requested')).toHaveLength(1);
      expect([run.owner, run.head.status, run.head.isCancelRequested, run.wakeAt !== null]).toEqual([
        'worker-1',
        'running',
        true,
        true,
      ]);
    });

    it('G08 are those of an agent that is deleted', async () => {
      const [waiting, running] = [await begin(), await begin()];
      await advance(api, running, started(), { owner: 'worker-1' });
      expect((await as(`${AGENTS}/${agentId}`, { method: 'DELETE' })).status).toBe(204);
      expect((await runOf(api, waiting)).head.status).toBe('cancelled');
      expect((await runOf(api, running)).head.isCancelRequested).toBe(true);
    });
  });

  it('G08 do not slip past the deletion of their agent, be they stored a moment later', async () => {
    const { journal, ...origin } = await runOf(api, await begin());
    await as(`${AGENTS}/${agentId}`, { method: 'DELETE' });
    const id = newId();
    await get(RunStore).insert({ origin: { ...origin, id, rootId: id }, journal, request: null, isRung: true });
    await eventually(async () => expect((await runOf(api, id)).head.status).toBe('cancelled'), 10_000);
  }, 20_000);

  describe('that are done again', () => {
    const retry = (id: string, body: object = {}, headers: Record<string, string> = {}) =>
      as(`${RUNS}/${id}/retry`, { body, headers });

    it('are new runs of the same version with the same input', async () => {
      const id = await begin({ input: 'Again', timeoutMs: 5_000 });
      expect((await retry(id)).outcome).toEqual([409, 'run_not_ended']);
      await as(`${RUNS}/${id}/cancel`, { method: 'POST' });
      await as(`${AGENTS}/${agentId}`, { method: 'PATCH', body: { name: 'v2' }, headers: { 'if-match': '"1"' } });
      const key = { 'idempotency-key': randomUUID() };
      const { status, json } = await retry(id, {}, key);
      expect([status, json.runId !== id]).toEqual([202, true]);
      expect(await runOf(api, json.runId)).toMatchObject({
        input: 'Again',
        timeoutMs: 5_000,
        agentVersion: 1,
        retryOf: id,
        trigger: 'retry',
      });
      expect((await retry(id, {}, key)).json.runId).toBe(json.runId);
    });

    it('are without a body as with an empty one', async () => {
      const id = await begin();
      await as(`${RUNS}/${id}/cancel`, { method: 'POST' });
      expect((await as(`${RUNS}/${id}/retry`, { method: 'POST' })).status).toBe(202);
      const headers = { 'content-type': 'application/json' };
      expect((await as(`${RUNS}/${id}/retry`, { method: 'POST', headers })).status).toBe(202);
      expect((await as(`${AGENTS}/${agentId}/run`, { method: 'POST', headers })).outcome).toEqual([
        400,
        'json_malformed',
      ]);
    });

    it('are not when something may have been changed, unless that is wanted', async () => {
      const id = await begin();
      const call = [{ tool: 'http.request', args: '{}' }];
      await advance(api, id, [...started(), answered('', call), intended('C')]);
      const data = { code: 'x', message: 'x', output: null };
      await advance(api, id, [{ type: 'run.failed', data }]);
      expect((await retry(id)).outcome).toEqual([409, 'retry_repeats_effects']);
      expect((await retry(id, { repeat: 'yes' })).outcome).toEqual([400, 'validation_failed']);
      expect((await retry(id, { repeat: true })).status).toBe(202);
    });
  });

  it('that wait for a person go on with what he says', async () => {
    const id = await begin();
    const call = [{ tool: 'http.request', args: '{}' }];
    await advance(api, id, [...started(), answered('', call), intended('C')]);
    await advance(api, id, [
      { type: 'review.requested', data: { step: 1, call: 0, intent: 5, code: 'tool_timeout' } },
      { type: 'run.waiting', data: { reason: 'review', amount: 1, until: null } },
    ]);
    const review = (body: object) => as(`${RUNS}/${id}/review`, { body });
    expect((await as(`${RUNS}/${id}`)).json).toMatchObject({ status: 'waiting', reason: 'review', openReviews: [5] });
    expect((await review({ seq: 4, decision: 'done' })).outcome).toEqual([409, 'review_not_open']);
    expect((await review({ seq: 5, decision: 'maybe' })).outcome).toEqual([400, 'validation_failed']);
    expect((await review({ seq: 5, decision: 'done', result: 'It was sent.' })).status).toBe(202);
    const run = await runOf(api, id);
    expect(run.journal.at(-1)).toMatchObject({
      type: 'review.decided',
      data: { intent: 5, decision: 'done', by: { kind: 'user', id: ada.userId }, result: { text: 'It was sent.' } },
    });
    expect([run.head.openReviews, run.wakeAt !== null]).toEqual([[], true]);
    expect((await review({ seq: 5, decision: 'again' })).outcome).toEqual([409, 'review_not_open']);
  });

  describe('of a workspace that has had enough', () => {
    const DAY_MS = 86_400_000;
    /** A workspace of the smallest tier, with a thousand runs from then that wait. */
    const crowded = async (agoMs: number): Promise<Person> => {
      const { journal, ...origin } = await runOf(api, await begin());
      const eve = await newPerson(api, { tier: 'free' });
      agentId = (await as(AGENTS, { body: { name: 'x' } }, eve)).json.id;
      const plant = () => {
        const id = newId(Date.now() - agoMs);
        const theirs = { ...origin, id, rootId: id, workspaceId: eve.workspaceId };
        return get(RunStore).insert({ origin: theirs, journal, request: null, isRung: false });
      };
      for (let n = 0; n < 1_000; n += 50) await Promise.all(Array.from({ length: 50 }, plant));
      return eve;
    };

    it.each([
      ['N14 are refused when as many wait as may', DAY_MS, 'run_queue_full'],
      ['are refused for the rest of the day when as many were started as may', 0, 'run_day_limit'],
    ])('%s', async (_, agoMs, code) => {
      const refused = await start({ input: 'x' }, {}, await crowded(agoMs));
      expect(refused.outcome).toEqual([429, code]);
      expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    });
  });
});
