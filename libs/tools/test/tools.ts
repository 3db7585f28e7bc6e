import { z } from 'zod';
import type { Tool, ToolEffects, ToolManifest } from '../src/port/tool.js';

/** Everything of a manifest but its effects. */
export const parts = {
  id: 'test.tool',
  title: 'Test',
  description: 'For tests.',
  scopes: [],
  args: z.strictObject({}) as z.ZodType<unknown>,
  timeoutMs: 1_000,
  outputBytes: 1_024,
} as const;

const READS: ToolEffects = { risk: 'read', class: 'R' };

/** A tool that answers `done`, but for what is given. */
export function toolOf(
  manifest: Partial<Omit<ToolManifest, keyof ToolEffects>> = {},
  effects: ToolEffects = READS,
  more: Partial<Tool> = {},
): Tool {
  return {
    manifest: { ...parts, ...manifest, ...effects },
    run: () => Promise.resolve({ text: 'done', label: 'plain' }),
    ...more,
  };
}
