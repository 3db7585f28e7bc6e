import { eventually, PROVIDER_SECRET, SIMULATED_USAGE } from '@flowmate/testing';
import { ANSWERED, llmContract } from '../../test/llm.contract.js';
import { ask, failureOf, KEY, PROMPT, Provider, textOf, unending } from '../../test/provider.js';
import { costMicros } from '../prices.js';

const provider = new Provider();

beforeAll(() => provider.simulator.start());
afterAll(() => provider.stop());

llmContract('the adapter for Chat Completions', {
  model: () => {
    provider.set('contract', { mode: 'ok', args: { zone: 'Europe/Zurich' }, text: 'It is noon in Zürich.' });
    return provider.model();
  },
  slow: () => {
    provider.set('contract', { mode: 'ok', streamMs: 60_000 });
    return provider.model();
  },
});

const bodyOf = (model: string): Record<string, unknown> => {
  const call = provider.simulator.calls.findLast(({ body }) => body.model === model);
  return JSON.parse(JSON.stringify(call?.body ?? {}));
};

describe('what the provider is sent', () => {
  it('is one call, with the key, the headers of the call and nothing about this machine', async () => {
    const headers = { 'x-correlation-id': 'c-1', traceparent: '00-1-2-01' };
    await provider.model().answer(ask('sent-headers'), { signal: unending(), headers });
    const calls = provider.simulator.calls.filter(({ body }) => body.model === 'sent-headers');
    expect(calls).toHaveLength(1);
    expect(calls[0]?.headers).toMatchObject({ ...headers, authorization: `Bearer ${KEY}`, 'user-agent': 'flowmate' });
    expect(Object.keys(calls[0]?.headers ?? {}).filter((name) => name.startsWith('x-stainless'))).toEqual([]);
  });

  it('has tool names that it takes, and its own words for everything', async () => {
    const request = {
      ...ANSWERED,
      model: 'sent-body',
      temperature: 0.5,
      maxOutputTokens: 99,
      outputSchema: { type: 'object' },
    };
    await provider.model().answer(request, { signal: unending() });
    expect(bodyOf('sent-body')).toMatchObject({
      stream: true,
      stream_options: { include_usage: true },
      temperature: 0.5,
      max_tokens: 99,
      tools: [{ type: 'function', function: { name: 'time__now' } }],
      response_format: { type: 'json_schema', json_schema: { name: 'answer', schema: { type: 'object' } } },
      messages: [
        { role: 'system' },
        { role: 'user' },
        { role: 'assistant', content: null, tool_calls: [{ id: 'call_1_1', function: { name: 'time__now' } }] },
        { role: 'tool', tool_call_id: 'call_1_1', content: '12:00' },
      ],
    });
  });

  it('is JSON where a call of the model was none, and whole where a text was cut inside a character', async () => {
    const calls = [{ id: 'c', tool: 'time.now', args: '{"zone": ' }];
    const messages = [
      { role: 'user' as const, text: 'half \ud83d' },
      { role: 'assistant' as const, text: '', calls },
    ];
    await provider.model().answer(ask('sent-repaired', { messages }), { signal: unending() });
    expect(bodyOf('sent-repaired')).toMatchObject({
      messages: [
        { content: 'half \ufffd' },
        { tool_calls: [{ function: { arguments: '{"unparsed":"{\\"zone\\": "}' } }] },
      ],
    });
  });
});

describe('the tokens of an answer', () => {
  it('are those that the provider counted, cached ones priced as such', async () => {
    const { usage } = await provider.model().answer(ask('gpt-4o-mini'), { signal: unending() });
    expect(usage).toEqual({ ...SIMULATED_USAGE, costMicros: costMicros('gpt-4o-mini', SIMULATED_USAGE) });
  });

  it('are estimated where it counted none', async () => {
    const { usage } = await provider.model().answer(ask('sim-no-usage'), { signal: unending() });
    expect(usage).toMatchObject({ inputTokens: expect.any(Number), outputTokens: 3, cachedTokens: 0 });
    expect(usage.costMicros).toBeGreaterThan(0);
  });
});

describe('a failure of the provider', () => {
  it.each([
    ['429', 'llm_rate_limited', 'transient'],
    ['408', 'llm_unavailable', 'transient'],
    ['500', 'llm_unavailable', 'transient'],
    ['502', 'llm_unavailable', 'transient'],
    ['503', 'llm_unavailable', 'transient'],
    ['529', 'llm_unavailable', 'transient'],
    ['400', 'llm_bad_request', 'permanent'],
    ['404', 'llm_bad_request', 'permanent'],
    ['422', 'llm_bad_request', 'permanent'],
    ['401', 'llm_auth', 'permanent'],
    ['403', 'llm_auth', 'permanent'],
    ['context-length', 'context_length_exceeded', 'permanent'],
    ['cut', 'llm_unavailable', 'transient'],
    ['cut-in-call', 'llm_unavailable', 'transient'],
    ['error-in-stream', 'llm_unavailable', 'transient'],
    ['garbage', 'llm_invalid_answer', 'malformed'],
    ['not-json', 'llm_invalid_answer', 'malformed'],
    ['html', 'llm_invalid_answer', 'malformed'],
    ['empty-choices', 'llm_invalid_answer', 'malformed'],
    ['doubled-ids', 'llm_invalid_answer', 'malformed'],
    ['nameless-call', 'llm_invalid_answer', 'malformed'],
  ])('%s is %s after one call, within a second, and repeats nothing', async (mode, code, nature) => {
    const startedAt = performance.now();
    const error = await failureOf(provider.model().answer(ask(`sim-${mode}`), { signal: unending() }));
    expect(performance.now() - startedAt).toBeLessThan(1_000);
    expect(error).toMatchObject({ code, nature });
    expect(provider.simulator.calls.filter(({ body }) => body.model === `sim-${mode}`)).toHaveLength(1);
    const text = textOf(error);
    for (const canary of [KEY, PROMPT, PROVIDER_SECRET]) expect(text).not.toContain(canary);
  });

  it('says how long the provider asks to wait', async () => {
    provider.set('asks-to-wait', { mode: '429', retryAfter: '3' });
    const error = await failureOf(provider.model().answer(ask('asks-to-wait'), { signal: unending() }));
    expect(error).toMatchObject({ code: 'llm_rate_limited', retryAfterMs: 3_000 });
  });

  it('is a provider that is not there, when nobody listens', async () => {
    const model = provider.model({}, 'http://127.0.0.1:1/v1');
    const error = await failureOf(model.answer(ask('any'), { signal: unending() }));
    expect(error).toMatchObject({ code: 'llm_unavailable', nature: 'transient' });
  });

  it('is permanent when the key is no header, and the key is not in it', async () => {
    const model = provider.model({ key: `${KEY}\n${KEY}` });
    const error = await failureOf(model.answer(ask('any'), { signal: unending() }));
    expect(error.nature).toBe('permanent');
    expect(textOf(error)).not.toContain(KEY);
  });
});

describe('a provider that keeps us waiting', () => {
  /** Half a second is what a deadline may be off. */
  const SLACK_MS = 500;

  it.each([
    ['never-reply', { firstByteMs: 400 }, 'first_byte'],
    ['headers-then-silence', { idleMs: 400 }, 'idle'],
    ['slow-loris', { idleMs: 2_500 }, 'idle'],
    ['empty-chunks', { idleMs: 400 }, 'idle'],
  ])('%s is ended on time, and its socket is closed', async (mode, waits, reason) => {
    const [limit = 0] = Object.values(waits);
    const startedAt = performance.now();
    const error = await failureOf(provider.model(waits).answer(ask(`sim-${mode}`), { signal: unending() }));
    const tookMs = performance.now() - startedAt;
    expect(error).toMatchObject({ code: 'llm_timeout', nature: 'transient', details: { reason } });
    expect(tookMs).toBeGreaterThanOrEqual(limit - 5);
    expect(tookMs).toBeLessThan(limit + SLACK_MS);
    await eventually(() => {
      const call = provider.simulator.calls.findLast(({ body }) => body.model === `sim-${mode}`);
      expect(call?.droppedAt).toBeDefined();
      expect((call?.droppedAt ?? 0) - (startedAt + limit)).toBeLessThan(1_000);
    });
  });

  it('may take as long as it likes while it writes', async () => {
    provider.set('steady', { mode: 'ok', rounds: 0, streamMs: 1_500 });
    const answer = await provider.model({ idleMs: 500 }).answer(ask('steady'), { signal: unending() });
    expect(answer.finish).toBe('stop');
  });

  it('closes the socket of a call that is given up', async () => {
    const controller = new AbortController();
    const answer = provider.model().answer(ask('sim-headers-then-silence'), { signal: controller.signal });
    const calls = (): number => provider.simulator.calls.filter(({ droppedAt }) => droppedAt === undefined).length;
    const before = calls();
    await eventually(() => expect(calls()).toBeGreaterThan(before));
    controller.abort();
    expect(await failureOf(answer)).toMatchObject({ nature: 'aborted' });
    await eventually(() => expect(provider.simulator.calls.at(-1)?.droppedAt).toBeDefined());
  });
});

describe('an answer of 50 MB', () => {
  it.each(['huge', 'huge-text'])('%s is refused at 8 MB', async (mode) => {
    const error = await failureOf(provider.model().answer(ask(`sim-${mode}`), { signal: unending() }));
    expect(error).toMatchObject({ code: 'llm_invalid_answer', nature: 'malformed' });
    await eventually(() => expect(provider.simulator.calls.at(-1)?.droppedAt).toBeDefined());
  });
});

describe('a connection', () => {
  it('is closed when the provider has said its last word and does not hang up, and nobody waits for that', async () => {
    const startedAt = performance.now();
    const answer = await provider.model().answer(ask('sim-never-ends'), { signal: unending() });
    expect(answer.text).toBe('all of it');
    expect(performance.now() - startedAt).toBeLessThan(500);
    await eventually(() => expect(provider.simulator.calls.at(-1)?.droppedAt).toBeDefined());
  });

  it('is used again after a whole answer', async () => {
    const alone = new Provider();
    await alone.simulator.start();
    const model = alone.model();
    const open: number[] = [];
    for (let turn = 0; turn < 10; turn += 1) {
      await model.answer(ask('kept-alive'), { signal: unending() });
      open.push(await alone.simulator.openConnections());
    }
    await alone.stop();
    // The next call may begin before the end of the last one is seen; a third connection has no reason.
    expect(Math.max(...open)).toBeLessThanOrEqual(2);
  });
});
