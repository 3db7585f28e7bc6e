import fc from 'fast-check';
import { z } from 'zod';
import { jsonProblem } from './json-problem.js';
import { parseArgs } from './parse-args.js';
import { ToolFailure } from './tool-failure.js';
import type { Tool } from './tool.js';
import { parts, toolOf } from '../../test/tools.js';

const args = z.strictObject({
  name: z.string().max(5),
  count: z.number().int().default(1),
  any: z.unknown().optional(),
});
const tool: Tool<z.infer<typeof args>> = { ...toolOf(), manifest: { ...parts, risk: 'read', class: 'R', args } };
const messageOf = (text: string): string => {
  try {
    parseArgs(tool, text);
  } catch (error) {
    return (error as ToolFailure).message;
  }
  return 'taken';
};

describe('the arguments that a model wrote', () => {
  it('are taken as the tool wants them, with what may be left out', () => {
    expect(parseArgs(tool, ' {"any": {"a": [1]}, "name": "x"}\n')).toEqual({ name: 'x', count: 1, any: { a: [1] } });
    expect(parseArgs(toolOf(parts), '')).toEqual({});
  });

  it.each([
    ['{"name":1}', 'name: Invalid input: expected string, received number'],
    ['{}', 'name: Invalid input: expected string, received undefined'],
    ['{"name":"longer"}', 'name: Too big: expected string to have <=5 characters'],
    ['{"name":"x","more":1}', 'arguments: Unrecognized key: "more"'],
    ['{"name":"x","name":"y"}', 'they hold a key twice in one object.'],
    [String.raw`{"name":"x","\u006eame":"y"}`, 'they hold a key twice in one object.'],
    ['{"name":"x","any":{"a":{"b":1,"b":2}}}', 'they hold a key twice in one object.'],
    ['{"name":"x","any":{"__proto__":1}}', 'they hold a key that is never accepted.'],
    ['{"name":', 'they are not JSON. Write one JSON object.'],
    ['{"name', 'they are not JSON. Write one JSON object.'],
    [String.raw`{"\x":1}`, 'they are not JSON. Write one JSON object.'],
    ['{name:"x"}', 'they are not JSON. Write one JSON object.'],
    [`{"any":${'['.repeat(32)}${']'.repeat(32)}}`, 'they nest deeper than 32 levels.'],
    [`{"any":"${'x'.repeat(256 * 1_024)}"}`, 'they are larger than 256 KB.'],
  ])('are refused with where and why: %.60s', (text, reason) => {
    expect(messageOf(text)).toBe(`The arguments are not valid: ${reason}`);
  });

  it.each([
    ['{"name":"x","any":[{"a":1},{"a":1}]}', 'the same key in two objects'],
    ['{"name":"x","any":{"a":"a","b":{"a":1}}}', 'a text that is a key, and a key further in'],
    ['{"name":"x","any":["name","name",":"]}', 'keys as texts of a list'],
    [String.raw`{"name":"\",\"x","any":"{[\"a\":1,\"a\":2"}`, 'marks of JSON inside of texts'],
    [`{"name":"x","any":${'['.repeat(31)}${']'.repeat(31)}}`, '32 levels'],
  ])('may hold what only looks bad: %.60s (%s)', (text) => expect(messageOf(text)).toMatch(/taken|Too big/));

  it('are never repeated at length, nor with what a reader does not see', () => {
    const message = messageOf(JSON.stringify({ [`\u202e${'y'.repeat(5_000)}`]: 1 }));
    expect(message).toMatch(/^[\x20-\x7e]{100,500}$/);
  });

  it('whatever they are, become arguments or a failure that says so, and change no prototype', () => {
    const keys = fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', 'name', 'count', 'toString'));
    const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
      tree: fc.oneof({ maxDepth: 4 }, fc.jsonValue(), fc.array(tie('tree')), fc.dictionary(keys, tie('tree'))),
    }));
    const texts = fc.oneof(
      fc.string({ unit: 'binary' }),
      tree.map((value) => JSON.stringify(value)),
      fc.tuple(tree, fc.nat(60), fc.string({ maxLength: 3 })).map(([value, at, more]) => {
        const text = JSON.stringify(value);
        return text.slice(0, at) + more + text.slice(at);
      }),
      fc.string({ unit: fc.constantFrom('{', '}', '[', ']', '"', ':', ',', '\\', 'a', '1') }),
    );
    const outcomes = new Set<string>();
    /** In one word; an error that is no failure of ours is the end of the test. */
    const outcomeOf = (text: string): string => {
      try {
        return `taken with ${typeof parseArgs(tool, text).name}`;
      } catch (error) {
        if (error instanceof ToolFailure) return `${error.code} ${error.effect}`;
        throw error;
      }
    };
    fc.assert(
      fc.property(texts, (text) => {
        outcomes.add(outcomeOf(text));
        expect(Object.keys(Object.prototype)).toEqual([]);
      }),
      { numRuns: 2_000, examples: [['{"name":"x"}']] },
    );
    expect([...outcomes].sort()).toEqual(['taken with string', 'tool_args_invalid none']);
  });

  it('have a problem exactly when a key is there twice, for all JSON that is not deep', () => {
    const plain = fc.jsonValue({ maxDepth: 3 });
    fc.assert(
      fc.property(plain, fc.string(), (value, key) => {
        const names = JSON.stringify(value);
        const isHarmless =
          !/"(?:__proto__|constructor|prototype|toString|valueOf|hasOwnProperty|isPrototypeOf|toLocaleString|propertyIsEnumerable|__\w+__)":/.test(
            names,
          );
        fc.pre(isHarmless && !(key in {}) && key !== 'prototype');
        expect(jsonProblem(names)).toBeUndefined();
        const field = `${JSON.stringify(key)}:1`;
        expect(jsonProblem(`[${names},{${field},"_${key.length}":${names},${field}}]`)).toMatch(/twice/);
      }),
      { numRuns: 1_000 },
    );
  });
});
