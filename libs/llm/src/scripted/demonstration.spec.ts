import type { ModelMessage, ModelRequest } from '../model-port.js';
import { demonstration } from './demonstration.js';

const signal = new AbortController().signal;
const tool = (id: string): ModelRequest['tools'][number] => ({ id, description: '', parameters: {} });

const ask = (rest: Partial<ModelRequest> = {}): ModelRequest => ({
  model: 'any',
  messages: [{ role: 'user', text: 'What time is it?' }],
  tools: [tool('http.request'), tool('time.now')],
  ...rest,
});

describe('the demonstration model', () => {
  it('plans, calls a tool that it knows, and answers with what it said', async () => {
    const first = await demonstration(0).answer(ask(), { signal });
    expect(first).toMatchObject({
      finish: 'calls',
      calls: [{ tool: 'time.now', args: '{}' }],
      usage: { costMicros: 0 },
    });
    expect(first.text).toContain('plan');
    const messages: ModelMessage[] = [
      ...ask().messages,
      { role: 'assistant', text: first.text, calls: first.calls },
      { role: 'tool', callId: first.calls[0]?.id ?? '', text: '{"now":"12:00"}' },
    ];
    // Another instance, as after a crash: nothing is remembered but the messages.
    const last = await demonstration(0).answer(ask({ messages }), { signal });
    expect(last).toMatchObject({ finish: 'stop', calls: [] });
    expect(last.text).toContain('{"now":"12:00"}');
    expect(last.text).toContain('demonstration model');
  });

  it('calls nothing that it does not know, and nothing twice after a refusal', async () => {
    const unknown = await demonstration(0).answer(ask({ tools: [tool('http.request')] }), { signal });
    expect(unknown).toMatchObject({ calls: [], finish: 'stop' });
    const messages: ModelMessage[] = [...ask().messages, { role: 'tool', callId: 'demo_1', text: '' }];
    expect((await demonstration(0).answer(ask({ messages }), { signal })).calls).toEqual([]);
  });

  it('gives calls of later questions other ids', async () => {
    const messages: ModelMessage[] = [
      ...ask().messages,
      { role: 'assistant', text: 'Noon.', calls: [] },
      { role: 'user', text: 'And now?' },
    ];
    const { calls } = await demonstration(0).answer(ask({ messages }), { signal });
    expect(calls[0]?.id).toBe('demo_2');
  });

  it('fills in a form that it is asked for', async () => {
    const outputSchema = {
      type: 'object',
      required: ['name', 'kind', 'counts'],
      properties: {
        name: { type: 'string', minLength: 20 },
        kind: { enum: ['a', 'b'] },
        counts: { type: 'array', minItems: 2, items: { type: ['integer', 'null'], minimum: 3 } },
        fixed: { const: 1 },
        is: { type: 'boolean' },
        none: { type: 'null' },
      },
    };
    const { text } = await demonstration(0).answer(ask({ tools: [], outputSchema }), { signal });
    expect(JSON.parse(text)).toEqual({
      name: 'demonstration.......',
      kind: 'a',
      counts: [3, 3],
      fixed: 1,
      is: true,
      none: null,
    });
  });

  it('can be watched while it writes', async () => {
    const words: string[] = [];
    const startedAt = performance.now();
    await demonstration(2).answer(ask(), { signal, onText: (delta) => words.push(delta) });
    expect(words.length).toBeGreaterThan(10);
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(words.length);
  });
});
