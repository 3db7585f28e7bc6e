import type { ModelRequest } from '../model-port.js';
import { completionRequest } from './completion-request.js';
import { WireNames } from './wire-names.js';

const bodyOf = (rest: Partial<ModelRequest>, isOpenAi = false): object => {
  const request: ModelRequest = { model: 'm', messages: [{ role: 'user', text: 'a' }], tools: [], ...rest };
  return completionRequest(request, new WireNames(request), isOpenAi);
};

describe('the body of a call', () => {
  it('says nothing about what was not asked for', () => {
    expect(Object.keys(bodyOf({}))).toEqual(['model', 'messages', 'stream', 'stream_options']);
  });

  it('limits the answer by the word that the server knows', () => {
    expect(bodyOf({ maxOutputTokens: 5 }, true)).toMatchObject({ max_completion_tokens: 5 });
    expect(bodyOf({ maxOutputTokens: 5 })).toMatchObject({ max_tokens: 5 });
  });

  it('passes a temperature of nought on', () => {
    expect(bodyOf({ temperature: 0 })).toMatchObject({ temperature: 0 });
  });

  it.each(['[1]', 'null', '"text"', '', '{"half'])('repairs earlier arguments that are no object: %s', (args) => {
    const calls = [{ id: 'c', tool: 't', args }];
    expect(bodyOf({ messages: [{ role: 'assistant', text: 'said', calls }] })).toMatchObject({
      messages: [{ content: 'said', tool_calls: [{ function: { arguments: JSON.stringify({ unparsed: args }) } }] }],
    });
  });
});
