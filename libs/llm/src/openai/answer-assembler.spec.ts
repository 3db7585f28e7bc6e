import fc from 'fast-check';
import { ModelError } from '../model.errors.js';
import { AnswerAssembler, type AssembledAnswer } from './answer-assembler.js';
import { EventStream } from './event-stream.js';

const event = (body: unknown): string => `data: ${JSON.stringify(body)}\n\n`;
const delta = (body: object, finish: string | null = null): string =>
  event({ model: 'm', choices: [{ index: 0, delta: body, finish_reason: finish }] });
const fragment = (body: object): string => delta({ tool_calls: [body] });
const DONE = 'data: [DONE]\n\n';

/** What the adapter does with the bytes, in pieces of its own. */
function assemble(bytes: Uint8Array, cuts: readonly number[] = []): AssembledAnswer {
  const events = new EventStream();
  const assembler = new AnswerAssembler();
  const edges = [0, ...[...new Set(cuts)].sort((a, b) => a - b), bytes.length];
  for (const [at, from] of edges.slice(0, -1).entries()) {
    for (const one of events.push(bytes.subarray(from, edges[at + 1]))) {
      if (!assembler.isDone) assembler.push(one);
    }
  }
  return assembler.end('asked-for', events.sawForeignText);
}

const of = (...events: string[]): AssembledAnswer => assemble(Buffer.from(events.join('')));

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof ModelError) return `${error.code} ${String(error.details['reason'])}`;
    throw error;
  }
  return 'answered';
}

const CALL = { index: 0, id: 'a', function: { name: 'time.now', arguments: '{"zo' } };

/** One event over several lines, as the rules of event streams allow. */
const spread = (body: unknown): string =>
  `data: ${JSON.stringify(body, null, 1).replaceAll('\n', '\r\ndata: ')}\r\n\r\n`;

const STREAM = [
  ': a comment\r\n',
  delta({ role: 'assistant', content: 'Grüße 🕰️' }),
  spread({ choices: [{ delta: { content: ' line\u2028two' } }] }),
  fragment(CALL),
  fragment({ index: 0, function: { arguments: 'ne":"ü"}' } }),
  fragment({ index: 1, id: 'b', function: { name: 'memory.get', arguments: '{}' } }),
  delta({}, 'tool_calls').replaceAll('\n', '\r\n'),
  event({ choices: [], usage: { prompt_tokens: 9, completion_tokens: 4 } }).replaceAll('\n', '\r'),
  DONE,
].join('');

describe('the chunks of an answer', () => {
  it('become one answer, text and calls in order', () => {
    expect(of(STREAM)).toEqual({
      text: 'Grüße 🕰️ line\u2028two',
      calls: [
        { id: 'a', tool: 'time.now', args: '{"zone":"ü"}' },
        { id: 'b', tool: 'memory.get', args: '{}' },
      ],
      finish: 'calls',
      model: 'm',
      usage: { prompt_tokens: 9, completion_tokens: 4 },
    });
  });

  it('are the same answer however the bytes are cut', () => {
    const bytes = Buffer.from(STREAM);
    const whole = assemble(bytes);
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length), { maxLength: 40 }), (cuts) => {
        expect(assemble(bytes, cuts)).toEqual(whole);
      }),
      { numRuns: 500 },
    );
    expect(assemble(bytes, [...bytes.keys()])).toEqual(whole);
  });

  it('are no answer wherever the stream breaks off before its end', () => {
    const text = delta({ content: 'half' }) + fragment(CALL) + delta({}, 'tool_calls');
    const bytes = Buffer.from(text);
    // The last two bytes are the blank line that completes the event with the finish.
    for (let length = 0; length < bytes.length - 1; length += 1) {
      expect(codeOf(() => assemble(bytes.subarray(0, length)))).toBe('llm_unavailable interrupted');
    }
    expect(codeOf(() => assemble(bytes))).toBe('answered');
  });

  it('throw nothing but our errors, whatever comes', () => {
    const json = fc.json().map((text) => `data: ${text}\n\n`);
    const nasty = fc
      .record(
        {
          choices: fc.array(
            fc.record(
              {
                index: fc.oneof(fc.integer(), fc.constant(null), fc.string()),
                finish_reason: fc.constantFrom('stop', 'tool_calls', '__proto__', 'constructor', '', null),
                delta: fc.oneof(
                  fc.anything(),
                  fc.record({
                    tool_calls: fc.array(
                      fc.record(
                        {
                          index: fc.integer({ min: -1, max: 3 }),
                          id: fc.string(),
                          function: fc.record({ name: fc.string(), arguments: fc.string() }),
                        },
                        { requiredKeys: [] },
                      ),
                    ),
                  }),
                ),
              },
              { requiredKeys: [] },
            ),
          ),
          usage: fc.anything(),
          model: fc.anything(),
        },
        { requiredKeys: [] },
      )
      .map(
        (body) => `data: ${JSON.stringify(body, (_, value: unknown) => (typeof value === 'bigint' ? 0 : value))}\n\n`,
      );
    const piece = fc.oneof(
      fc.uint8Array({ maxLength: 60 }),
      fc.oneof(json, nasty, fc.string(), fc.constant(DONE)).map((text) => Uint8Array.from(Buffer.from(text))),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        codeOf(() => assemble(Buffer.concat(pieces)));
      }),
      { numRuns: 2_000 },
    );
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
  });
});

describe('the progress of an answer', () => {
  it.each([
    [{ choices: [{ delta: { content: 'a' } }] }, true],
    [{ choices: [{ delta: { reasoning_content: 'hm' } }] }, true],
    [{ choices: [{ delta: { reasoning: 'hm' } }] }, true],
    [{ choices: [{ delta: { tool_calls: [{ index: 0, function: { arguments: '{' } }] } }] }, true],
    [{ choices: [{ delta: {}, finish_reason: 'stop' }] }, true],
    [{ choices: [], usage: { prompt_tokens: 1, completion_tokens: 1 } }, true],
    [{ choices: [{ delta: { role: 'assistant', content: '' } }] }, false],
    [{ choices: [{ delta: { tool_calls: [{ index: 0 }] } }] }, false],
    [{ choices: [] }, false],
    [{}, false],
  ])('%j: %s', (chunk, isProgress) => {
    expect(new AnswerAssembler().push(JSON.stringify(chunk)).isProgress).toBe(isProgress);
  });
});

describe('an answer that is none', () => {
  it.each([
    ['nothing at all', '', 'llm_unavailable interrupted'],
    ['only comments', ': wait\n\n: wait\n\n', 'llm_unavailable interrupted'],
    ['text that is no event', 'Bad Gateway\n\n', 'llm_invalid_answer no_events'],
    ['no choices', event({ choices: [] }) + DONE, 'llm_invalid_answer empty_choices'],
    ['a finish without the calls it names', delta({}, 'tool_calls') + DONE, 'llm_invalid_answer no_calls'],
    [
      'two calls with one id',
      fragment(CALL) + fragment({ ...CALL, index: 1 }) + delta({}, 'stop'),
      'llm_invalid_answer call_id',
    ],
    [
      'a call without a name',
      fragment({ index: 0, id: 'a' }) + delta({}, 'tool_calls'),
      'llm_invalid_answer call_name',
    ],
    [
      'a call with a name like a book',
      fragment({ index: 0, id: 'a', function: { name: 'n'.repeat(300) } }) + delta({}, 'tool_calls'),
      'llm_invalid_answer call_name',
    ],
    ['a number for text', delta({ content: 7 }), 'llm_invalid_answer not_a_chunk'],
    ['half of JSON', 'data: {"choices":[\n\n', 'llm_invalid_answer not_json'],
    ['a list', event([]), 'llm_invalid_answer not_a_chunk'],
    ['an event of two million letters', `data: ${'x'.repeat(2_000_000)}`, 'llm_invalid_answer event_too_large'],
    [
      'an error in the middle',
      delta({ content: 'a' }) + event({ error: { code: 'server_error' } }),
      'llm_unavailable in_stream',
    ],
    ['a limit in the middle', event({ error: { code: 'rate_limit_exceeded' } }), 'llm_rate_limited in_stream'],
    ['too much to read', event({ error: { code: 'context_length_exceeded' } }), 'context_length_exceeded in_stream'],
    [
      'more calls than anybody runs',
      Array.from({ length: 1_001 }, (_, index) => fragment({ index, id: `c${index}`, function: { name: 't' } })).join(
        '',
      ),
      'llm_invalid_answer too_many_calls',
    ],
  ])('%s', (_, stream, code) => {
    expect(codeOf(() => of(stream))).toBe(code);
  });
});

describe('an answer in another server’s dialect', () => {
  it('may call tools and say that it stopped', () => {
    expect(of(fragment(CALL), delta({}, 'stop'))).toMatchObject({ finish: 'calls', calls: [{ id: 'a' }] });
  });

  it('may number no calls, or all of them nought', () => {
    const calls = ['a', 'b'].map((id) => ({ id, function: { name: 'time.now', arguments: '{}' } }));
    const bare = of(...calls.map(fragment), delta({}, 'tool_calls'));
    const nought = of(...calls.map((call) => fragment({ ...call, index: 0 })), delta({}, 'tool_calls'));
    expect(bare.calls.map(({ id }) => id)).toEqual(['a', 'b']);
    expect(nought.calls).toEqual(bare.calls);
  });

  it('may give every fragment of one call another id', () => {
    const { calls } = of(
      fragment(CALL),
      fragment({ index: 0, id: 'x', function: { arguments: 'ne":1}' } }),
      delta({}, 'stop'),
    );
    expect(calls).toEqual([{ id: 'a', tool: 'time.now', args: '{"zone":1}' }]);
  });

  it('may name no ids', () => {
    const nameless = [0, 1].map((index) => fragment({ index, function: { name: 't', arguments: '{}' } }));
    expect(of(...nameless, delta({}, 'stop')).calls.map(({ id }) => id)).toEqual(['call_1', 'call_2']);
  });

  it('may have no last word when it said why it stopped', () => {
    expect(of(delta({ content: 'all' }, 'stop'))).toMatchObject({ text: 'all', finish: 'stop' });
  });

  it('may say nothing but stop', () => {
    expect(of(delta({}, 'stop'), DONE)).toMatchObject({ text: '', calls: [], finish: 'stop' });
  });

  it('may hold words that nobody knows, and counts that make no sense', () => {
    const answer = of(
      event({ choices: [{ delta: { content: 'a', audio: {} }, logprobs: [] }], x: { __proto__: null } }),
      'data: {"__proto__":{"polluted":1},"choices":[{"delta":{"__proto__":{"polluted":1}},"finish_reason":"eos"}]}\n\n',
      event({ choices: [], usage: { prompt_tokens: -1, completion_tokens: 1e300 } }),
    );
    expect(answer).toMatchObject({ text: 'a', finish: 'stop', usage: undefined });
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
  });
});

describe('an answer that was cut off', () => {
  it('has no calls: the last one may be half a call', () => {
    expect(of(fragment(CALL), delta({}, 'length'))).toMatchObject({ finish: 'length', calls: [] });
    expect(of(fragment(CALL), delta({}, 'content_filter'))).toMatchObject({ finish: 'filtered', calls: [] });
  });
});
