import { z } from 'zod';
import { ToolFailure } from '../port/tool-failure.js';
import type { Tool, ToolManifest } from '../port/tool.js';
import { MAX_MEMORY_BYTES, memoryName, type MemoryPort } from './memory.js';

const args = z.strictObject({
  name: memoryName,
  text: z
    .string()
    .max(MAX_MEMORY_BYTES)
    .refine((text) => Buffer.byteLength(text) <= MAX_MEMORY_BYTES, 'larger than 8 KB')
    .describe('At most 8 KB. Takes the place of what was there.'),
});

export const memorySetManifest: ToolManifest<z.infer<typeof args>> = {
  id: 'memory.set',
  title: 'Keep in mind',
  description: 'Stores a text under a name, for later runs of this agent.',
  risk: 'write',
  class: 'A',
  scopes: [],
  args,
  timeoutMs: 5_000,
  outputBytes: 1_024,
};

export function memorySet(memories: MemoryPort): Tool<z.infer<typeof args>> {
  return {
    manifest: memorySetManifest,
    async run({ name, text }, { workspaceId, agentId, runId }) {
      const done = await memories.set({ workspaceId, agentId, name }, { text, runId });
      if (done === 'full')
        throw new ToolFailure('tool_failed', 'The memory is full. Store under a name that is already in use.');
      return { text: `Stored under ${name}.`, label: 'plain' };
    },
  };
}
