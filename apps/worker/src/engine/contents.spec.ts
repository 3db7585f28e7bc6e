import { createHash } from 'node:crypto';
import { numbered, type JournalEntry } from '@flowmate/domain';
import { Contents } from './contents.js';
import { conversation } from './conversation.js';
import { fitContext, type Fitted } from './fit-context.js';

const usage = { inputTokens: 0, cachedTokens: 0, outputTokens: 0, costMicros: 0 };
/** Four of them and a page more are too much for the model. */
const page = (name: string): string => name.repeat(30_000);

describe('the texts of a run', () => {
  const stored = new Map<string, string>();
  const contents = (): Contents =>
    new Contents({
      payloads: {
        put: (_owner, _run, text) => {
          const ref = createHash('sha256').update(text).digest('hex');
          stored.set(ref, text);
          return Promise.resolve({ ref, bytes: text.length });
        },
        findAll: (_run, refs) => Promise.resolve(new Map(refs.map((ref) => [ref, stored.get(ref) ?? '']))),
      },
      owner: { workspaceId: 'w' },
      runId: 'r',
      isOurs: () => true,
      bytes: 0,
    });

  /** Each text is what a call has brought. */
  async function journalOf(kept: Contents, texts: readonly string[], from = 0): Promise<JournalEntry[]> {
    const entries = await Promise.all(
      texts.map(async (text, at) => {
        const calls = [{ id: `c${from + at}`, tool: 'http.get', args: { text: '{}' } }];
        const step = { step: from + at + 1, model: 'gpt-4o', usage, ms: 1, problem: null, finish: 'calls' as const };
        const result = { step: from + at + 1, call: 0, isTruncated: false, label: 'untrusted' as const, ms: 1 };
        return [
          { type: 'model.answered' as const, data: { ...step, text: { text: '' }, calls } },
          { type: 'tool.succeeded' as const, data: { ...result, output: await kept.keep(text) } },
        ];
      }),
    );
    return numbered(entries.flat(), { seq: 2 * from, at: 0, epoch: 1, batch: '1' });
  }

  const fit = (of: Contents, journal: readonly JournalEntry[]): Fitted =>
    fitContext(
      conversation({ input: 'Go.', journal }, { systemPrompt: '' }, (content) => of.textOf(content)),
      { model: 'gpt-4o', tools: [] },
    );
  const textIn = (of: Contents, { data }: JournalEntry): string =>
    'output' in data && data.output ? of.textOf(data.output) : '';

  it('are let go of when the model is not shown them any more, and it is shown the same as by who knows them all', async () => {
    const kept = contents();
    const texts = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n', 'o'].map(page);
    const journal = await journalOf(kept, texts);
    const first = fit(kept, journal);
    expect(first.omitted.length).toBeGreaterThan(0);
    kept.leaveOut(journal, first.omitted);
    expect(textIn(kept, journal[1]!).trim()).toBe('');
    expect(textIn(kept, journal.at(-1)!)).toBe(page('o'));

    const longer = [...journal, ...(await journalOf(kept, [page('p')], texts.length))];
    const other = contents();
    await other.load(longer);
    expect(fit(kept, longer)).toEqual(fit(other, longer));
  });

  it('stay when the same text is shown in another place', async () => {
    const kept = contents();
    const journal = await journalOf(kept, [page('a'), page('b'), page('a')]);
    kept.leaveOut(journal, [2, 4]);
    expect(journal.map((entry) => textIn(kept, entry).trim().slice(0, 1))).toEqual(['', 'a', '', '', '', 'a']);
  });
});
