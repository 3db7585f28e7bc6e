import fc from 'fast-check';
import type { ModelRequest } from './model-port.js';
import { contextWindowOf, costMicros, priceOf, PRICES_AS_OF } from './prices.js';
import { estimatedInputTokens, usageOf, worstCaseMicros, worstCaseTokens } from './tokens.js';

const request = (text: string, rest: Partial<ModelRequest> = {}): ModelRequest => ({
  model: 'gpt-4o-mini',
  messages: [{ role: 'user', text }],
  tools: [],
  ...rest,
});

describe('the price of a call', () => {
  it('is whole micro-dollars, rounded up, cached input cheaper', () => {
    expect(costMicros('gpt-4o-mini', { inputTokens: 1_000_000, outputTokens: 0 })).toBe(150_000);
    expect(costMicros('gpt-4o-mini', { inputTokens: 1_000_000, cachedTokens: 1_000_000, outputTokens: 0 })).toBe(
      75_000,
    );
    expect(costMicros('gpt-4o-mini', { inputTokens: 1, outputTokens: 0 })).toBe(1);
    expect(costMicros('gpt-4o-mini', { inputTokens: 0, outputTokens: 0 })).toBe(0);
  });

  it('is that of the model under its other names', () => {
    for (const name of ['gpt-4o-mini-2024-07-18', 'openai/gpt-4o-mini'])
      expect(priceOf(name)).toEqual(priceOf('gpt-4o-mini'));
  });

  it.each(['llama-4', 'ft:gpt-4o-mini:acme', '__proto__', 'constructor', ''])(
    'is the highest there is for a model that nobody knows: "%s"',
    (model) => {
      expect(priceOf(model)).toEqual({ inputMicros: 150, cachedMicros: 150, outputMicros: 600, isKnown: false });
      expect(contextWindowOf(model)).toBe(128_000);
    },
  );

  it('is dated', () => {
    expect(PRICES_AS_OF).toMatch(/^20\d\d-\d\d-\d\d$/);
  });

  it('never goes down when there is more, and is always a whole number', () => {
    const counts = fc.record({
      inputTokens: fc.nat(10_000_000),
      cachedTokens: fc.nat(10_000_000),
      outputTokens: fc.nat(1_000_000),
    });
    fc.assert(
      fc.property(counts, fc.constantFrom('gpt-4o-mini', 'gpt-5-nano', 'o1-pro', 'unknown'), (tokens, model) => {
        const cost = costMicros(model, tokens);
        expect(Number.isSafeInteger(cost)).toBe(true);
        const more = { ...tokens, outputTokens: tokens.outputTokens + 1 };
        expect(costMicros(model, more)).toBeGreaterThanOrEqual(cost);
      }),
    );
  });
});

describe('the worst case of a call', () => {
  it('is at least what an estimate says, for any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 500 }), (text) => {
        expect(worstCaseTokens(request(text)).inputTokens).toBeGreaterThanOrEqual(estimatedInputTokens(request(text)));
      }),
    );
  });

  it('counts tools, schemas, earlier calls and everything that may be written', () => {
    const plain = worstCaseMicros(request('a'));
    const tools = [{ id: 't', description: 'long '.repeat(1_000), parameters: { type: 'object' } }];
    const calls = [{ id: 'c', tool: 't', args: 'x'.repeat(5_000) }];
    expect(worstCaseMicros(request('a', { tools }))).toBeGreaterThan(plain);
    expect(worstCaseMicros(request('a', { outputSchema: { x: 'y'.repeat(5_000) } }))).toBeGreaterThan(plain);
    expect(worstCaseMicros(request('a', { messages: [{ role: 'assistant', text: '', calls }] }))).toBeGreaterThan(
      plain,
    );
    expect(worstCaseTokens(request('a')).outputTokens).toBe(16_384);
    expect(worstCaseTokens(request('a', { maxOutputTokens: 10 })).outputTokens).toBe(10);
  });
});

describe('the usage of an answer', () => {
  it('is never nothing, whatever was counted', () => {
    const nothing = { inputTokens: 0, cachedTokens: 5_000, outputTokens: 0 };
    const usage = usageOf(request(''), '', nothing);
    expect(usage.inputTokens).toBeGreaterThan(0);
    expect(usage).toMatchObject({ outputTokens: 1, cachedTokens: usage.inputTokens });
    expect(usage.costMicros).toBeGreaterThan(0);
  });
});
