import fc from 'fast-check';
import { outputSchemaIssues } from './output-schema.js';
import { outputProblems } from './output-value.js';

const SCHEMA = {
  type: 'object',
  description: 'a report',
  properties: {
    title: { type: 'string', minLength: 1, maxLength: 5 },
    score: { type: ['integer', 'null'], minimum: 0, maximum: 10 },
    tags: { type: 'array', items: { enum: ['a', 'b'] }, minItems: 1, maxItems: 2 },
    more: { anyOf: [{ type: 'string' }, { type: 'object', properties: { x: { const: 1 } }, required: ['x'] }] },
  },
  required: ['title'],
  additionalProperties: false,
};

describe('the schema of an answer', () => {
  it('is taken when it is made of the keywords that there are', () => expect(outputSchemaIssues(SCHEMA)).toEqual([]));

  const nested = (depth: number): object =>
    depth === 0 ? { type: 'string' } : { type: 'object', properties: { a: nested(depth - 1) } };

  it.each<[string, unknown, string]>([
    ['a reference', { type: 'object', $ref: '#' }, 'key_forbidden'],
    ['an operator', { type: 'object', $where: 'sleep(1)' }, 'key_forbidden'],
    ['a regular expression', { type: 'object', properties: { a: { pattern: '(a+)+$' } } }, 'key_forbidden'],
    ['a field with a dot', { type: 'object', properties: { 'a.b': {} } }, 'key_forbidden'],
    ['a field with a dollar', { type: 'object', properties: { $a: {} } }, 'key_forbidden'],
    ['a field without a name', { type: 'object', properties: { '': {} } }, 'key_forbidden'],
    ['no object', { type: 'array', items: {} }, 'isObject'],
    ['a list', [], 'isObject'],
    ['nothing', null, 'isObject'],
    ['a type that is none', { type: 'date' }, 'isSchema'],
    ['properties that are none', { type: 'object', properties: [] }, 'isSchema'],
    ['a field that is no schema', { type: 'object', properties: { a: true } }, 'isObject'],
    ['a bound that is none', { type: 'object', properties: { a: { maxLength: -1 } } }, 'isSchema'],
    ['more than 16 levels', nested(17), 'maxDepth'],
    ['more than 16 KB', { type: 'object', description: 'ä'.repeat(8_193) }, 'maxBytes'],
  ])('is refused with %s', (_, schema, rule) => {
    expect(outputSchemaIssues(schema)).toContainEqual(expect.objectContaining({ rule }));
  });

  it('is judged whatever it is', () => {
    fc.assert(
      fc.property(fc.anything({ maxDepth: 6 }), (value) => expect(outputSchemaIssues(value)).toBeInstanceOf(Array)),
    );
  });
});

describe('an answer', () => {
  it.each([
    { title: 'x' },
    { title: 'x', score: null, tags: ['a'], more: 'y' },
    { title: '😀😀😀😀😀', score: 10, more: { x: 1 } },
  ])('that is as its schema says has no problem: %j', (value) => expect(outputProblems(value, SCHEMA)).toEqual([]));

  it.each<[unknown, string]>([
    ['text', 'answer must be object'],
    [{}, 'answer.title is missing'],
    [{ title: '' }, 'answer.title is less than 1 characters'],
    [{ title: 'abcdef' }, 'answer.title is more than 5 characters'],
    [{ title: 'x', score: 1.5 }, 'answer.score must be integer or null'],
    [{ title: 'x', score: 11 }, 'answer.score is more than 10'],
    [{ title: 'x', tags: ['c'] }, 'answer.tags[0] is none of the values that it may have'],
    [{ title: 'x', tags: ['a', 'b', 'a'] }, 'answer.tags is more than 2 items'],
    [{ title: 'x', more: { x: 2 } }, 'answer.more is none of what it may be'],
    [{ title: 'x', other: 1 }, 'answer has a field that is not in the schema'],
    [{ title: 'x', toString: 1 }, 'answer has a field that is not in the schema'],
  ])('that is not is told why: %j', (value, problem) => expect(outputProblems(value, SCHEMA)).toEqual([problem]));

  it('is judged whatever it is, in a few words', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => expect(outputProblems(value, SCHEMA).length).toBeLessThanOrEqual(10)),
    );
  });
});
