import { IDEMPOTENCY_CLASSES, RISKS } from '@flowmate/domain';
import { parseArgs } from '../src/port/parse-args.js';
import { manifestHash } from '../src/port/tool-key.js';
import { ToolRegistry } from '../src/port/tool-registry.js';
import { toolSchema } from '../src/port/tool-schema.js';
import { traitsOf, type Tool } from '../src/port/tool.js';
import { ToolFailure } from '../src/port/tool-failure.js';

export interface ContractCases {
  /** Arguments that it takes. */
  readonly good: readonly [object, ...object[]];
  /** Arguments that it must refuse, each under its case. */
  readonly bad: ReadonlyArray<readonly [string, object]>;
}

/** Keywords that every provider of models knows. */
const KEYWORDS = new Set(
  'type properties required additionalProperties description enum pattern minLength maxLength items minItems maxItems minimum maximum'.split(
    ' ',
  ),
);

function keywordsIn(schema: unknown): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const { properties = {}, items, ...rest } = schema as { properties?: object; items?: unknown };
  return [...Object.keys(rest), ...Object.values(properties).flatMap(keywordsIn), ...keywordsIn(items)];
}

/** Case M03, whatever the tool: each is refused before the tool sees it. */
const hostile = (good: object): ReadonlyArray<readonly [string, string]> => {
  const fields = JSON.stringify(good).slice(1, -1);
  const more = (field: string): string => `{${[fields, field].filter(Boolean).join(',')}}`;
  return [
    ['no JSON', 'url: https://example.com'],
    ['cut JSON', JSON.stringify(good).slice(0, -1)],
    ['a list', '[]'],
    ['a text', '"text"'],
    ['null', 'null'],
    ['an extra key', more('"integrationId":"x"')],
    ['a prototype', more('"__proto__":{"polluted":1}')],
    ['an escaped prototype', more(String.raw`"\u005f_proto__":{"polluted":1}`)],
    ['a constructor', more('"constructor":{"prototype":{"polluted":1}}')],
    ['a key twice', more('"twice":1,"twice":2')],
    ['1 MB', more(`"pad":"${'x'.repeat(1_024 * 1_024)}"`)],
    ['a thousand levels', more(`"deep":${'['.repeat(1_000)}${']'.repeat(1_000)}`)],
  ];
};

/** What holds for every tool. `cases` are its own. */
export function toolContract<A>(tool: Tool<A>, { good, bad }: ContractCases): void {
  const { manifest } = tool;

  describe(`the tool ${manifest.id}`, () => {
    const refusal = (text: string): ToolFailure => {
      try {
        parseArgs(tool, text);
      } catch (error) {
        if (error instanceof ToolFailure) return error;
      }
      throw new Error('The arguments were to be refused.');
    };

    it('may be registered', async () => {
      expect(await new ToolRegistry([tool]).find('w', manifest.id)).toBe(tool);
    });

    it('shows models a strict schema in words that all of them know', () => {
      const schema = toolSchema(manifest);
      expect(schema).toMatchObject({ type: 'object', additionalProperties: false });
      expect(keywordsIn(schema).filter((word) => !KEYWORDS.has(word))).toEqual([]);
      // What fills in grammars by these patterns knows neither classes of Unicode nor looking around.
      expect(JSON.stringify(schema)).not.toMatch(/\\\\p\{|\(\?/);
      expect(manifestHash(manifest)).toMatch(/^[0-9a-f]{64}$/);
    });

    it.each(good)('takes good arguments, and never claims more for them than its manifest: %j', (given) => {
      const args = parseArgs(tool, JSON.stringify(given));
      const traits = traitsOf(tool, args);
      expect(RISKS.indexOf(traits.risk)).toBeLessThanOrEqual(RISKS.indexOf(manifest.risk));
      const [own, said] = [traits.class, manifest.class].map((one) => IDEMPOTENCY_CLASSES.indexOf(one));
      expect(own).toBeLessThanOrEqual(said ?? 0);
    });

    it.each(hostile(good[0]))('M03 refuses %s', (_name, text) => {
      const { code, effect, isTransient, message } = refusal(text);
      expect({ code, effect, isTransient }).toEqual({ code: 'tool_args_invalid', effect: 'none', isTransient: false });
      expect(message.length).toBeLessThan(500);
      expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    });

    it.each(bad)('refuses %s', (_name, given) => {
      expect(refusal(JSON.stringify(given)).code).toBe('tool_args_invalid');
    });
  });
}
