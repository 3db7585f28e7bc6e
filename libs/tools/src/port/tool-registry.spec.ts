import { z } from 'zod';
import { parts, toolOf } from '../../test/tools.js';
import { ToolRegistry } from './tool-registry.js';
import type { Tool, ToolEffects, ToolManifest } from './tool.js';

const WRITES: ToolEffects = { risk: 'write', class: 'A' };
const MARKS: ToolEffects = { risk: 'write', class: 'B', settleMs: 2_000 };
const reconcile = (): Promise<undefined> => Promise.resolve(undefined);
/** What came from somewhere the compiler does not see. */
const unchecked = (effects: object): ToolEffects => effects as ToolEffects;

describe('the registry', () => {
  const [one, other] = [toolOf(), toolOf({ id: 'test.other.tool_2' }, WRITES)];

  it('finds tools by their ids, and lists them in order', async () => {
    const registry = new ToolRegistry([one, other]);
    expect(await registry.find('w', 'test.other.tool_2')).toBe(other);
    expect(await registry.list('w')).toEqual([one, other]);
  });

  it.each(['test.too', 'TEST.TOOL', 'test.tооl', 'test.tool ', 'test.tool\u200b', '__proto__', 'constructor', ''])(
    'M01 does not know %j',
    async (id) => expect(await new ToolRegistry([one]).find('w', id)).toBeUndefined(),
  );

  it('takes a slow tool that says why, and one of class B that can be looked up', () => {
    const slow = toolOf({ timeoutMs: 60_000, slowBecause: 'It waits for a person.' });
    expect(new ToolRegistry([slow, toolOf({ id: 'test.b' }, MARKS, { reconcile })])).toBeInstanceOf(ToolRegistry);
  });

  it.each<[string, readonly Tool[], string]>([
    ['a tool twice', [one, one], 'is there twice'],
    ['an id in one word', [toolOf({ id: 'tool' })], 'has an id that is none'],
    ['an id of another alphabet', [toolOf({ id: 'test.tооl' })], 'has an id that is none'],
    ['an id in capitals', [toolOf({ id: 'Test.tool' })], 'has an id that is none'],
    ['no description', [toolOf({ description: ' ' })], 'does not say what it is for'],
    ['a tool without a risk', [toolOf({}, unchecked({ class: 'R' }))], 'has no risk'],
    ['a tool that writes and has no class', [toolOf({}, unchecked({ risk: 'write' }))], 'has no idempotency class'],
    [
      'a tool that writes and says it reads',
      [toolOf({}, unchecked({ risk: 'write', class: 'R' }))],
      'is of class R if',
    ],
    ['a tool that reads and could not', [toolOf({}, unchecked({ risk: 'read', class: 'C' }))], 'is of class R if'],
    ['class B without a lookup', [toolOf({}, MARKS)], 'cannot be looked up'],
    [
      'class B that settles too soon',
      [toolOf({}, { ...MARKS, settleMs: 1_999 }, { reconcile })],
      'settles sooner than two of its timeouts',
    ],
    ['no timeout', [toolOf({ timeoutMs: 0 })], 'has no timeout'],
    ['a timeout above 15 s', [toolOf({ timeoutMs: 15_001 })], 'does not say why'],
    ['an output above 64 KB', [toolOf({ outputBytes: 65_537 })], 'has no output limit, or one above 64 KB'],
    ['arguments that take more keys', [toolOf({ args: z.object({}) })], 'no strict object'],
    ['arguments that are a list', [toolOf({ args: z.array(z.string()) })], 'no strict object'],
  ])('refuses %s', (_what, tools, reason) => {
    expect(() => new ToolRegistry(tools)).toThrow(reason);
  });

  it('is asked for no tool that writes and has no class: it does not compile', () => {
    const { args: _args, ...said } = parts;
    const manifest = { ...said, args: z.strictObject({}) };
    const neverRun = (): ToolManifest[] => [
      { ...manifest, risk: 'read', class: 'R' },
      // @ts-expect-error -- a class is missing
      { ...manifest, risk: 'write' },
      // @ts-expect-error -- whatever writes is not of class R
      { ...manifest, risk: 'external', class: 'R' },
      // @ts-expect-error -- whatever reads is of class R
      { ...manifest, risk: 'read', class: 'A' },
      // @ts-expect-error -- when its marker must have shown is missing
      { ...manifest, risk: 'write', class: 'B' },
    ];
    expect(neverRun).toBeInstanceOf(Function);
  });
});
