import { z } from 'zod';

/** Where an agent keeps a text. */
export interface MemoryPlace {
  readonly workspaceId: string;
  readonly agentId: string;
  readonly name: string;
}

export interface MemoryEntry {
  readonly text: string;
  /** The run that wrote it. */
  readonly runId: string;
  readonly at: Date;
}

/** What agents remember between runs. The worker binds it. */
export interface MemoryPort {
  get(place: MemoryPlace): Promise<MemoryEntry | undefined>;
  /** Writing twice is writing once. `full`: nothing was written, because the agent holds as many as it may. */
  set(place: MemoryPlace, entry: Pick<MemoryEntry, 'text' | 'runId'>): Promise<'stored' | 'full'>;
}

/** A page of text: what is longer belongs into a document. */
export const MAX_MEMORY_BYTES = 8 * 1_024;

export const memoryName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_.-]{0,63}$/)
  .describe('1 to 64 of a-z, 0-9, dot, dash and underscore; begins with a letter or digit.');
