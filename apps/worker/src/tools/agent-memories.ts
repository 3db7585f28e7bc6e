import type { MemoryRepository } from '@flowmate/database';
import type { MemoryEntry, MemoryPlace, MemoryPort } from '@flowmate/tools';

/** What agents remember, in the store. */
export class AgentMemories implements MemoryPort {
  constructor(private readonly repository: MemoryRepository) {}

  async get({ workspaceId, agentId, name }: MemoryPlace): Promise<MemoryEntry | undefined> {
    return (await this.repository.find({ workspaceId }, agentId, name)) ?? undefined;
  }

  async set(place: MemoryPlace, { text, runId }: Pick<MemoryEntry, 'text' | 'runId'>): Promise<'stored' | 'full'> {
    const { workspaceId, agentId, name } = place;
    const isStored = await this.repository.set({ workspaceId }, { agentId, name, text, runId, at: new Date() });
    return isStored ? 'stored' : 'full';
  }
}
