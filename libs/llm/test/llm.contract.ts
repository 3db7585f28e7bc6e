import { getEventListeners } from 'node:events';
import { ModelAbortedError, type ModelPort, type ModelRequest } from '../src/index.js';

/** One question with everything in it that a model must bring back whole. */
export const QUESTION: ModelRequest = {
  model: 'contract',
  messages: [
    { role: 'system', text: 'You tell the time.' },
    { role: 'user', text: 'What time is it in Zürich? 🕰️' },
  ],
  tools: [
    {
      id: 'time.now',
      description: 'The time.',
      parameters: { type: 'object', properties: { zone: { type: 'string' } } },
    },
  ],
};

export const ANSWERED: ModelRequest = {
  ...QUESTION,
  messages: [
    ...QUESTION.messages,
    { role: 'assistant', text: '', calls: [{ id: 'call_1_1', tool: 'time.now', args: '{"zone":"Europe/Zurich"}' }] },
    { role: 'tool', callId: 'call_1_1', text: '12:00' },
  ],
};

export interface ContractParts {
  /** Calls `time.now` with the zone `Europe/Zurich` when asked `QUESTION`, and says `It is noon in Zürich.` to `ANSWERED`. */
  readonly model: () => ModelPort;
  /** One that takes longer than any test. */
  readonly slow: () => ModelPort;
}

/** What every model does, whoever is behind it. */
export function llmContract(name: string, parts: ContractParts): void {
  const never = (): AbortSignal => new AbortController().signal;

  describe(`${name}, as a model`, () => {
    it('asks for a tool by the tool’s own id, with its arguments as text', async () => {
      const answer = await parts.model().answer(QUESTION, { signal: never() });
      expect(answer).toMatchObject({ finish: 'calls', calls: [{ tool: 'time.now', id: expect.any(String) }] });
      expect(JSON.parse(answer.calls[0]?.args ?? '')).toEqual({ zone: 'Europe/Zurich' });
    });

    it('streams the text that it then answers whole', async () => {
      const model = parts.model();
      await model.answer(QUESTION, { signal: never() });
      const deltas: string[] = [];
      const answer = await model.answer(ANSWERED, { signal: never(), onText: (delta) => deltas.push(delta) });
      expect(answer).toMatchObject({ text: 'It is noon in Zürich.', calls: [], finish: 'stop' });
      expect(deltas.join('')).toBe(answer.text);
      expect(deltas.length).toBeGreaterThan(1);
    });

    it('says in whole numbers what it used', async () => {
      const { usage } = await parts.model().answer(QUESTION, { signal: never() });
      for (const count of Object.values(usage)) expect(Number.isSafeInteger(count)).toBe(true);
      expect(Math.min(usage.inputTokens, usage.outputTokens)).toBeGreaterThanOrEqual(1);
      expect(usage.cachedTokens).toBeLessThanOrEqual(usage.inputTokens);
    });

    it('gives up at once when it is told to', async () => {
      const controller = new AbortController();
      const answer = parts.slow().answer(ANSWERED, { signal: controller.signal });
      const startedAt = performance.now();
      setTimeout(() => controller.abort(), 50);
      await expect(answer).rejects.toBeInstanceOf(ModelAbortedError);
      expect(performance.now() - startedAt).toBeLessThan(1_000);
    });

    it('asks nothing when it was given up before it began', async () => {
      await expect(parts.slow().answer(QUESTION, { signal: AbortSignal.abort() })).rejects.toMatchObject({
        code: 'llm_aborted',
        nature: 'aborted',
      });
    });

    it('leaves nothing behind on a signal that outlives the call', async () => {
      const { signal } = new AbortController();
      await parts.model().answer(QUESTION, { signal });
      expect(getEventListeners(signal, 'abort')).toEqual([]);
    });

    it('names whom a breaker is kept for', () => {
      expect(parts.model().host).toMatch(/^[a-z0-9.:-]+$/);
    });
  });
}
