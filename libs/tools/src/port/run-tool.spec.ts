import { once } from 'node:events';
import { DomainError } from '@flowmate/domain';
import { contextOf, failureOf } from '../../test/call.js';
import { toolOf } from '../../test/tools.js';
import { reconcileTool, runTool } from './run-tool.js';
import { ToolFailure } from './tool-failure.js';
import type { Tool, ToolEffects, ToolOutput } from './tool.js';

const WRITES: ToolEffects = { risk: 'write', class: 'A' };
const MARKS: ToolEffects = { risk: 'write', class: 'B', settleMs: 2_000 };

class Away extends DomainError {
  readonly kind = 'unavailable';
  readonly code = 'away';
}

const answering = (output: Partial<ToolOutput>, outputBytes = 1_024): Tool =>
  toolOf({ outputBytes }, undefined, { run: () => Promise.resolve({ text: '', label: 'untrusted', ...output }) });
const failing = (thrown: unknown, effects?: ToolEffects): Tool =>
  toolOf({}, effects, { run: () => Promise.reject(thrown) });

describe('a tool that runs', () => {
  it('gets its context and answers', async () => {
    let seen: unknown;
    const tool = toolOf({}, WRITES, {
      run(_args, { signal, ...context }) {
        seen = context;
        return Promise.resolve({ text: 'ok', label: 'private' });
      },
    });
    const { signal, ...expected } = contextOf({ key: 'a key' });
    expect(await runTool(tool, {}, contextOf({ key: 'a key', signal }))).toEqual({ text: 'ok', label: 'private' });
    expect(seen).toEqual(expected);
  });

  it('keeps the failure it throws', async () => {
    const failure = new ToolFailure('tool_scope_denied', 'No.', { retryAfterMs: 5, isTransient: true });
    expect(await failureOf(runTool(failing(failure, WRITES), {}, contextOf()))).toBe(failure);
  });

  it('did nobody knows what when it throws anything else, unless it only reads', async () => {
    const secret = new Error('password is hunter2');
    const unsure = await failureOf(runTool(failing(secret, WRITES), {}, contextOf()));
    expect(unsure).toMatchObject({ code: 'tool_failed', effect: 'ambiguous', isTransient: false, cause: secret });
    expect(unsure.message).not.toContain('hunter2');
    expect(await failureOf(runTool(failing(secret), {}, contextOf()))).toMatchObject({ effect: 'none' });
    expect(await failureOf(runTool(failing(new Away('x'), WRITES), {}, contextOf()))).toMatchObject({
      effect: 'ambiguous',
      isTransient: true,
    });
  });

  it('did nothing when it only reads, whatever it says', async () => {
    const failure = new ToolFailure('tool_failed', 'x', { effect: 'ambiguous', isTransient: true, retryAfterMs: 7 });
    const found = await failureOf(runTool(failing(failure), {}, contextOf()));
    expect(found).toMatchObject({ effect: 'none', isTransient: true, retryAfterMs: 7, message: 'x' });
  });

  it('is judged by what it says of these very arguments', async () => {
    const tool = toolOf({}, WRITES, {
      traitsOf: () => ({ risk: 'read', class: 'R' }),
      run: () => Promise.reject(new Error('x')),
    });
    expect(await failureOf(runTool(tool, {}, contextOf()))).toMatchObject({ effect: 'none' });
  });

  it('throws before it returns a promise, and that is a failure like any other', async () => {
    const tool = toolOf({}, WRITES, {
      run() {
        throw new RangeError('x');
      },
    });
    expect(await failureOf(runTool(tool, {}, contextOf()))).toMatchObject({ code: 'tool_failed' });
  });
});

describe('a tool that takes too long', () => {
  const never = (): Promise<never> => new Promise(() => undefined);
  const untilAborted = (answer: () => Promise<ToolOutput>): Tool =>
    toolOf({ timeoutMs: 20 }, WRITES, {
      async run(_args, { signal }) {
        await once(signal, 'abort');
        return answer();
      },
    });

  it('is left alone when it does not listen', async () => {
    const started = performance.now();
    const failure = await failureOf(runTool(toolOf({ timeoutMs: 20 }, WRITES, { run: never }), {}, contextOf()));
    expect(failure).toMatchObject({ code: 'tool_timeout', effect: 'ambiguous', isTransient: true });
    expect(failure.message).toBe('The tool took longer than 0.02 s.');
    expect(performance.now() - started).toBeLessThan(1_000);
  });

  it('is believed when it says that nothing had left', async () => {
    const tool = untilAborted(() => Promise.reject(new ToolFailure('tool_aborted', 'x', { effect: 'none' })));
    const failure = await failureOf(runTool(tool, {}, contextOf()));
    expect(failure).toMatchObject({ code: 'tool_timeout', effect: 'none', isTransient: true });
  });

  it('is believed when it has an answer at the last moment', async () => {
    const answered = untilAborted(() => Promise.resolve({ text: 'late', label: 'plain' }));
    expect(await runTool(answered, {}, contextOf())).toMatchObject({ text: 'late' });
    const refused = untilAborted(() => Promise.reject(new ToolFailure('tool_failed', 'no')));
    expect(await failureOf(runTool(refused, {}, contextOf()))).toMatchObject({ code: 'tool_failed', effect: 'none' });
  });

  it('is given up with its run, and not begun when the run was given up before', async () => {
    const giveUp = new AbortController();
    const ended = failureOf(runTool(toolOf({}, WRITES, { run: never }), {}, contextOf({ signal: giveUp.signal })));
    giveUp.abort();
    expect(await ended).toMatchObject({ code: 'tool_aborted', effect: 'ambiguous', isTransient: false });
    let hasRun = false;
    const tool = toolOf({}, WRITES, {
      run() {
        hasRun = true;
        return never();
      },
    });
    const failure = await failureOf(runTool(tool, {}, contextOf({ signal: AbortSignal.abort() })));
    expect([failure.code, failure.effect, hasRun]).toEqual(['tool_aborted', 'none', false]);
  });
});

describe('what a tool answers', () => {
  it('J08 is cleaned', async () => {
    const text = 'a\u202eb\u{e0041}\u001b[31mc\r\nd';
    expect(await runTool(answering({ text }), {}, contextOf())).toEqual({ text: 'abc\nd', label: 'untrusted' });
  });

  it.each(['x', 'ü', '😀'])('is cut at its limit with a notice, between characters: %s', async (letter) => {
    const { text, isTruncated } = await runTool(answering({ text: letter.repeat(5_000) }), {}, contextOf());
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(1_024);
    expect(Buffer.byteLength(text)).toBeGreaterThan(1_015);
    expect(text).toMatch(new RegExp(`^${letter}+\n\\[truncated to 1 KB of \\d+ KB\\]$`, 'u'));
    expect(isTruncated).toBe(true);
  });

  it('of exactly its limit stays whole, and says so when the tool itself cut it', async () => {
    const text = 'x'.repeat(1_024);
    expect(await runTool(answering({ text }), {}, contextOf())).toEqual({ text, label: 'untrusted' });
    const cut = await runTool(answering({ text: 'x', isTruncated: true }), {}, contextOf());
    expect(cut).toEqual({ text: 'x', isTruncated: true, label: 'untrusted' });
  });

  it('M10 is left out when it is no text', async () => {
    for (const text of ['PNG\u0000\u0001', 7 as unknown as string])
      expect((await runTool(answering({ text }), {}, contextOf())).text).toMatch(/is no text/);
  });
});

describe('a call that is looked up', () => {
  const marked = (reconcile: Tool['reconcile']): Tool => toolOf({}, MARKS, { reconcile });

  it('is found, cleaned and cut like any output, or is not found', async () => {
    const found = marked(() => Promise.resolve({ text: `\u200b${'x'.repeat(5_000)}`, label: 'untrusted' }));
    const { text, isTruncated } = (await reconcileTool(found, {}, contextOf()))!;
    expect([text.length <= 1_024, text[0], isTruncated]).toEqual([true, 'x', true]);
    expect(
      await reconcileTool(
        marked(() => Promise.resolve(undefined)),
        {},
        contextOf(),
      ),
    ).toBeUndefined();
  });

  it('may be looked up again when that failed: a lookup only reads', async () => {
    const error = new ToolFailure('tool_failed', 'x', { effect: 'ambiguous', isTransient: true });
    const failure = await failureOf(
      reconcileTool(
        marked(() => Promise.reject(error)),
        {},
        contextOf(),
      ),
    );
    expect(failure).toMatchObject({ effect: 'none', isTransient: true });
  });
});
