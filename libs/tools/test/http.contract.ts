import { eventually, type Ledger } from '@flowmate/testing';
import { reconcileTool, runTool } from '../src/port/run-tool.js';
import { traitsOf, type Tool } from '../src/port/tool.js';
import { contextOf, failureOf, newLedger, withTimeout } from './call.js';

export interface HttpContractParts<A> {
  readonly tool: Tool<A>;
  /** Arguments that lead to this path of the ledger, or of any other server. */
  readonly argsFor: (url: string) => A;
  /** The beginning of the paths it goes to. */
  readonly path: string;
  /** A port that nobody listens at. */
  readonly nowhere?: string;
}

let calls = 0;

/** Shows with a real server that a tool fails as its class says, keeps its limits and lets go of its socket. */
export function httpContract<A>(title: string, make: (ledgerUrl: string) => HttpContractParts<A>): void {
  describe(`${title}, at a real server`, () => {
    let [ledger, dispose]: [Ledger, () => Promise<void>] = [undefined as never, undefined as never];
    let parts: HttpContractParts<A>;
    let args: A;
    let isRead: boolean;
    let key: string;
    beforeEach(async () => {
      ({ ledger, dispose } = await newLedger());
      parts = make(ledger.url);
      args = parts.argsFor(`${ledger.url}${parts.path}a`);
      isRead = traitsOf(parts.tool, args).class === 'R';
      calls += 1;
      key = `key-${calls}`;
    });
    afterEach(() => dispose());

    const run = (tool = parts.tool, signal = new AbortController().signal) =>
      runTool(tool, args, contextOf({ key, signal }));
    const unsure = (): string => (isRead ? 'none' : 'ambiguous');
    const effects = (): number => ledger.effects().length;
    const expectNoSocket = (): Promise<void> =>
      eventually(async () => expect(await ledger.connections()).toBe(0), 2_000);

    it('acts once and says what came of it', async () => {
      expect((await run()).text).toContain('"ok":true');
      expect(effects()).toBe(isRead ? 0 : 1);
    });

    it('did nothing when it is asked to slow down, and says how long', async () => {
      ledger.set({ path: '/', mode: '429', retryAfter: 3 });
      const failure = await failureOf(run());
      expect(failure).toMatchObject({ code: 'tool_failed', effect: 'none', isTransient: true, retryAfterMs: 3_000 });
    });

    it('did nothing when it is refused', async () => {
      ledger.set({ path: '/', mode: '4xx' });
      expect(await failureOf(run())).toMatchObject({ code: 'tool_failed', effect: 'none', isTransient: false });
    });

    it('does not know what happened when the server broke', async () => {
      ledger.set({ path: '/', mode: '5xx' });
      expect(await failureOf(run())).toMatchObject({ code: 'tool_failed', effect: unsure(), isTransient: true });
    });

    it('does not know what happened when the answer was cut off, and can act on it as its class says', async () => {
      ledger.set({ path: parts.path, mode: 'executeAndCut', times: 1 });
      expect(await failureOf(run())).toMatchObject({ code: 'tool_failed', effect: unsure(), isTransient: true });
      expect(effects()).toBe(isRead ? 0 : 1);
      const { class: idempotency } = traitsOf(parts.tool, args);
      const again = idempotency === 'B' ? reconcileTool(parts.tool, args, contextOf({ key })) : Promise.resolve();
      expect((await again) !== undefined).toBe(idempotency === 'B');
    });

    it('did nothing where nobody listens', async () => {
      const closed = await newLedger();
      const { url } = closed.ledger;
      await closed.dispose();
      const elsewhere = make(url);
      const call = runTool(elsewhere.tool, elsewhere.argsFor(`${url}${elsewhere.path}a`), contextOf({ key }));
      expect(await failureOf(call)).toMatchObject({ code: 'tool_unreachable', effect: 'none', isTransient: true });
    });

    it('ends within its time when no answer comes, and closes its socket', async () => {
      ledger.set({ path: '/', mode: 'silent' });
      const started = performance.now();
      const failure = await failureOf(run(withTimeout(parts.tool, 300)));
      expect(failure).toMatchObject({ code: 'tool_timeout', effect: unsure(), isTransient: true });
      expect(performance.now() - started).toBeLessThan(1_300);
      await expectNoSocket();
    });

    it('closes its socket as soon as the run gives it up', async () => {
      ledger.set({ path: '/', mode: 'silent' });
      const giveUp = new AbortController();
      const ended = failureOf(run(parts.tool, giveUp.signal));
      await eventually(() => expect(ledger.calls).toHaveLength(1));
      giveUp.abort();
      expect(await ended).toMatchObject({ code: 'tool_aborted', effect: unsure(), isTransient: false });
      await expectNoSocket();
    });

    it('leaves nothing at the server when it was given up before it began', async () => {
      const failure = await failureOf(run(parts.tool, AbortSignal.abort()));
      expect(failure).toMatchObject({ code: 'tool_aborted', effect: 'none' });
      expect(ledger.calls).toEqual([]);
    });

    it('M10 reads HTML as a person does', async () => {
      ledger.set({ path: '/', mode: 'html' });
      const { text } = await run();
      expect(text).toContain('Hello & goodbye');
      expect(text).not.toMatch(/steal|<p>/);
    });

    it.each(['huge', 'endless'] as const)('M10 cuts %s answers with a notice and hangs up', async (mode) => {
      ledger.set({ path: '/', mode });
      const started = performance.now();
      const { text, isTruncated } = await run();
      expect(performance.now() - started).toBeLessThan(2_000);
      expect(Buffer.byteLength(text)).toBeLessThanOrEqual(parts.tool.manifest.outputBytes);
      expect([isTruncated, text.slice(-30)]).toEqual([true, expect.stringMatching(/\[truncated to \d+ KB/)]);
      await expectNoSocket();
    });

    it('M10 describes what is no text and does not read it', async () => {
      ledger.set({ path: '/', mode: 'binary' });
      expect((await run()).text).toMatch(/^HTTP 200 image\/png\n\n\[The answer is no text/);
    });
  });
}
