import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ledger } from '@flowmate/testing';
import type { Tool, ToolContext } from '../src/port/tool.js';
import { ToolFailure } from '../src/port/tool-failure.js';

/** What holds for one call of a test. */
export function contextOf(more: Partial<ToolContext> = {}): ToolContext {
  const { signal } = new AbortController();
  return { workspaceId: 'w', agentId: 'a', runId: 'r', key: 'k'.repeat(64), signal, correlationId: 'c', ...more };
}

/** The failure of a call; a call that goes well, or ends in anything else, is an error of the test. */
export async function failureOf(call: Promise<unknown>): Promise<ToolFailure> {
  const ended: unknown = await call.then(
    () => 'it went well',
    (error: unknown) => error,
  );
  if (ended instanceof ToolFailure) return ended;
  throw new Error('The call was to end in a ToolFailure.', { cause: ended });
}

export const withTimeout = <A>(tool: Tool<A>, timeoutMs: number): Tool<A> => ({
  ...tool,
  manifest: { ...tool.manifest, timeoutMs },
});

/** A ledger of its own, and how to get rid of it. */
export async function newLedger(): Promise<{ ledger: Ledger; dispose: () => Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'flowmate-tools-'));
  const ledger = await Ledger.start({ file: join(folder, 'ledger') });
  const dispose = async (): Promise<void> => {
    await ledger.close();
    rmSync(folder, { recursive: true });
  };
  return { ledger, dispose };
}
