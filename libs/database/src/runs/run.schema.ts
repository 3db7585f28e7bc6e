import type { Decider, JournalEntry, RunHead, RunKind, RunTrigger } from '@flowmate/domain';
import { Schema } from 'mongoose';
import type { NativeCollection } from '../documents/native-documents.js';

/** A request that started a run and may come again: storing the run is storing the key. */
export interface RunRequestKey {
  /** Who asked. */
  readonly principal: string;
  readonly route: string;
  readonly key: string;
  readonly bodyHash: string;
}

export interface RunDocument {
  readonly _id: string;
  readonly schemaVersion: 1;
  readonly workspaceId: string;
  readonly kind: RunKind;
  readonly agentId: string;
  readonly agentVersion: number;
  readonly trigger: RunTrigger;
  readonly startedBy: Decider & { readonly userId: string };
  readonly externalId?: string;
  readonly retryOf?: string;
  readonly correlationId: string;
  readonly traceparent?: string;
  readonly request?: RunRequestKey;
  readonly input: string;
  readonly timeoutMs: number;
  readonly rootId: string;
  readonly parentId?: string;
  readonly index?: number;
  readonly rank: number;
  readonly deadlineAt?: Date;
  readonly needsVersion: number;
  readonly createdAt: Date;
  readonly epoch: number;
  readonly seq: number;
  /** There until it has ended. */
  readonly isOpen?: true;
  /** The worker that has it. */
  readonly owner: string | null;
  readonly wakeAt: Date | null;
  readonly bytes: number;
  readonly head: RunHead;
  readonly journal: readonly JournalEntry[];
  /** When it ended, by the clock of the store. */
  readonly closedAt?: Date;
}

const schema = new Schema<RunDocument>(
  { _id: { type: String, required: true }, workspaceId: { type: String, required: true } },
  { versionKey: false },
);
const open = { partialFilterExpression: { isOpen: true } };
const closed = { partialFilterExpression: { closedAt: { $exists: true } } };
// RunWatch: whether anything is open, what is due, what a worker must look at, what lost workers had, and who is held back.
schema.index({ owner: 1, wakeAt: 1, workspaceId: 1 }, open);
// RunWatch.inFlight, nextHeld, openOfAgent and openOfWorkspace.
schema.index({ workspaceId: 1, 'head.status': 1, wakeAt: 1, rank: 1 }, open);
// RunReader.list.
schema.index({ workspaceId: 1, _id: -1 });
// RunReader.list of one agent.
schema.index({ workspaceId: 1, agentId: 1, _id: -1 });
// RunReader.list of one trigger, and by how runs ended: written once each, when a run begins and when it ends.
schema.index({ workspaceId: 1, trigger: 1, _id: -1 });
schema.index({ workspaceId: 1, 'head.status': 1, _id: -1 }, closed);
schema.index({ workspaceId: 1, 'head.code': 1, _id: -1 }, { partialFilterExpression: { 'head.code': { $gt: '' } } });
// RunStore.insert: the same request starts one run.
schema.index(
  { workspaceId: 1, 'request.principal': 1, 'request.route': 1, 'request.key': 1 },
  { unique: true, partialFilterExpression: { 'request.key': { $exists: true } } },
);
// RunReader.list by the caller's own id.
schema.index(
  { workspaceId: 1, externalId: 1, _id: -1 },
  { partialFilterExpression: { externalId: { $exists: true } } },
);
// RunWatch.endedSince and forget.
schema.index({ closedAt: 1, _id: 1 }, closed);

export const RUNS: NativeCollection<RunDocument> = { name: 'runs', schema };
