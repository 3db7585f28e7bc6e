import type { RunStatus } from '@flowmate/domain';

/** A run has got further: its journal is so long now. */
export interface HeadBell {
  readonly runId: string;
  readonly seq: number;
  readonly status: RunStatus;
}

/** A piece of an answer that is still being given. After a takeover the epoch is another one. */
export interface TextBell {
  readonly runId: string;
  readonly epoch: number;
  readonly step: number;
  readonly text: string;
}

export interface WorkerBell {
  readonly runId: string;
}

/** The id of the run, the kind, and the rest: who does not watch that run reads no further. */
const ID_LENGTH = 24;
const HEAD = 'h';
const TEXT = 't';

type Redis = { key(...parts: readonly string[]): string };

export const workspaceChannel = (redis: Redis, workspaceId: string): string => redis.key('runs', workspaceId);
export const workerChannel = (redis: Redis, workerId: string): string => redis.key('worker', workerId);

export const headMessage = ({ runId, ...rest }: HeadBell): string => `${runId}${HEAD}${JSON.stringify(rest)}`;
export const textMessage = ({ runId, ...rest }: TextBell): string => `${runId}${TEXT}${JSON.stringify(rest)}`;

export const runOfMessage = (message: string): string => message.slice(0, ID_LENGTH);

export type Heard = { readonly head: HeadBell } | { readonly text: TextBell };

/** Nothing for what is none: a process of another version may say other things. */
export function readMessage(message: string): Heard | undefined {
  const runId = runOfMessage(message);
  let rest: unknown;
  try {
    rest = JSON.parse(message.slice(ID_LENGTH + 1));
  } catch {
    return undefined;
  }
  if (typeof rest !== 'object' || rest === null) return undefined;
  // Both ends are ours, and what a bell says is looked up before anybody is told.
  if (message[ID_LENGTH] === HEAD) return { head: { ...(rest as Omit<HeadBell, 'runId'>), runId } };
  if (message[ID_LENGTH] === TEXT) return { text: { ...(rest as Omit<TextBell, 'runId'>), runId } };
  return undefined;
}
