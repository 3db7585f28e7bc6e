import { ANSWERED, llmContract, QUESTION } from '../../test/llm.contract.js';
import { ModelUnavailableError } from '../model.errors.js';
import { ScriptedLlm } from './scripted.llm.js';

const signal = new AbortController().signal;
const CALL = { calls: [{ tool: 'time.now', args: { zone: 'Europe/Zurich' } }] };

llmContract('the scripted model', {
  model: () => new ScriptedLlm([CALL, { text: 'It is noon in Zürich.' }]),
  slow: () => new ScriptedLlm([{ text: 'It is noon.', wordMs: 60_000 }]),
});

describe('a scripted model', () => {
  it('fails on a call that the script does not have, then and at the end', async () => {
    const model = new ScriptedLlm([]);
    await expect(model.answer(QUESTION, { signal })).rejects.toThrow('call 1 was not expected');
    expect(() => model.assertDone()).toThrow('call 1 was not expected');
  });

  it('fails on steps that were left over', async () => {
    const model = new ScriptedLlm([CALL, { text: 'done' }]);
    await model.answer(QUESTION, { signal });
    expect(() => model.assertDone()).toThrow('1 steps of the script were not used');
    await model.answer(ANSWERED, { signal });
    expect(() => model.assertDone()).not.toThrow();
    expect(model.requests).toEqual([QUESTION, ANSWERED]);
  });

  it('looks at the request when a step wants it', async () => {
    const model = new ScriptedLlm([{ expect: ({ tools }) => expect(tools).toHaveLength(7) }]);
    await expect(model.answer(QUESTION, { signal })).rejects.toThrow('7');
  });

  it('breaks off after its words when it is told to fail', async () => {
    const heard: string[] = [];
    const model = new ScriptedLlm([{ text: 'half an', fail: new ModelUnavailableError() }]);
    const answer = model.answer(QUESTION, { signal, onText: (delta) => heard.push(delta) });
    await expect(answer).rejects.toMatchObject({ code: 'llm_unavailable' });
    expect(heard).toEqual(['half', ' an']);
  });

  it('sends arguments that are text as they are, JSON or not', async () => {
    const model = new ScriptedLlm([{ calls: [{ id: 'x', tool: 't', args: '{"half' }], usage: { costMicros: 7 } }]);
    const answer = await model.answer(QUESTION, { signal });
    expect(answer).toMatchObject({ calls: [{ id: 'x', tool: 't', args: '{"half' }], usage: { costMicros: 7 } });
  });

  it('streams every space of its text', async () => {
    const text = '  two\n\nlines  and an end \n';
    const heard: string[] = [];
    await new ScriptedLlm([{ text }]).answer(QUESTION, { signal, onText: (delta) => heard.push(delta) });
    expect(heard.join('')).toBe(text);
  });
});
