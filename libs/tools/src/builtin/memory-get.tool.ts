import { z } from 'zod';
import type { Tool, ToolManifest } from '../port/tool.js';
import { memoryName, type MemoryPort } from './memory.js';

const args = z.strictObject({ name: memoryName });

export const memoryGetManifest: ToolManifest<z.infer<typeof args>> = {
  id: 'memory.get',
  title: 'Remember',
  description: 'Answers the text that this agent stored under a name, in this run or an earlier one.',
  risk: 'read',
  class: 'R',
  scopes: [],
  args,
  timeoutMs: 5_000,
  outputBytes: 16_384,
};

/** What was written may have come from outside in an earlier run, so it is trusted no more than that was. */
export function memoryGet(memories: MemoryPort): Tool<z.infer<typeof args>> {
  return {
    manifest: memoryGetManifest,
    async run({ name }, { workspaceId, agentId }) {
      const entry = await memories.get({ workspaceId, agentId, name });
      if (!entry) return { text: `Nothing is stored under ${name}.`, label: 'plain' };
      return { text: entry.text, label: 'untrusted' };
    },
  };
}
