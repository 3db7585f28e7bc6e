import { randomBytes } from 'node:crypto';
import { PayloadRepository } from '@flowmate/database';
import type { Content, JournalEntry, Run } from '@flowmate/domain';
import { ScriptedLlm, type ModelRequest } from '@flowmate/llm';
import { verifies } from '@flowmate/testing';
import type { Tool } from '@flowmate/tools';
import { mongo } from 'mongoose';
import { ledgerTools } from '../../../../libs/testing/src/simulators/ledger/ledger-tools.js';
import { EngineWorld } from '../../test/harness/engine-under-test.js';

const STEPS = 25;
const LIMIT = 2 * 1_024 * 1_024;
const textOf = (bytes: number): string => randomBytes(bytes / 2).toString('hex');

const outputOf = (entry: JournalEntry): Content[] => (entry.type === 'tool.succeeded' ? [entry.data.output] : []);
const refOf = (content: Content): string[] => ('ref' in content ? [content.ref] : []);

describe(verifies('FM-12', 'a run whose tools and whose model say a lot'), () => {
  const world = new EngineWorld();

  beforeAll(() => world.begin());
  afterAll(() => world.dispose());

  /** Every step proposes so many calls with arguments of their own; every call answers with as much as a tool may. */
  async function live(
    perStep: number,
    { noteBytes, outputBytes }: { noteBytes: number; outputBytes: number },
  ): Promise<{ run: Run; bytes: number; last: ModelRequest }> {
    const { tools, close } = ledgerTools({ url: 'http://127.0.0.1:1' });
    await close();
    const read: Tool = {
      ...(tools[0] as Tool),
      run: () => Promise.resolve({ text: textOf(outputBytes), label: 'untrusted' as const }),
    };
    const requests: ModelRequest[] = [];
    const model = new ScriptedLlm((request) => {
      requests.push(request);
      const call = (at: number) => ({
        tool: 'ledger.read',
        args: { name: `n${requests.length}-${at}`, note: textOf(noteBytes) },
      });
      return { text: textOf(noteBytes), calls: Array.from({ length: perStep }, (_, at) => call(at)) };
    });
    const one = await world.worker({ model, tools: [read] });
    const id = await world.run(await world.agent({ tools: ['ledger.read'], model: { name: 'gpt-4.1' } }), {
      timeoutMs: 600_000,
    });
    await one.hear(id);
    const run = await world.until(id, 'failed');
    expect(run.head.code).toBe('step_limit');
    expect(requests).toHaveLength(STEPS);
    const stored = await (await world.test.db()).collection('runs').findOne({ _id: id as never });
    return { run, bytes: mongo.BSON.calculateObjectSize(stored!), last: requests.at(-1)! };
  }

  it('stays small, its texts can be read, and what the model is not shown any more is said', async () => {
    const { run, bytes, last } = await live(10, { noteBytes: 512, outputBytes: 64 * 1_024 });
    expect(bytes).toBeLessThanOrEqual(LIMIT);
    const outputs = run.journal.flatMap(outputOf);
    expect(outputs).toHaveLength(STEPS * 10);
    const refs = outputs.flatMap(refOf);
    const texts = await new PayloadRepository(world.test.database).findAll(run.id, refs);
    expect([...texts.values()].filter((text) => text.length === 64 * 1_024)).toHaveLength(STEPS * 10);
    const called = run.journal.findLast((entry) => entry.type === 'model.called');
    const omitted = called?.type === 'model.called' ? called.data.omitted : [];
    const results = last.messages.flatMap((message) => (message.role === 'tool' ? [message.text] : []));
    const shown = results.filter((text) => text.length === 64 * 1_024);
    expect(results).toHaveLength((STEPS - 1) * 10);
    expect(shown.length).toBeGreaterThan(0);
    expect(omitted).toHaveLength(results.length - shown.length);
  }, 120_000);

  it('stays small also when the model proposes far more than it may', async () => {
    const { bytes } = await live(64, { noteBytes: 600, outputBytes: 1_000 });
    expect(bytes).toBeLessThanOrEqual(LIMIT);
  }, 120_000);
});
