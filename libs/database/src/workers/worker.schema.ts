import { Schema } from 'mongoose';
import type { NativeCollection } from '../documents/native-documents.js';

/** A worker that is or was: what its runs depend on. It takes a new id at every start. */
export interface WorkerDocument {
  readonly _id: string;
  /** Its last beat, by the clock of the store. */
  readonly at: Date;
  /** Since then some worker was heard all the time, as far as this one knows; nothing before its second beat. */
  readonly heardSince?: Date;
  readonly version: string;
  /** Once it is true it stays true: its runs belong to whoever claims them. */
  readonly gone: boolean;
}

/** A worker that was lost yesterday has no runs left to be found by. */
const KEPT_SECONDS = 7 * 86_400;

const schema = new Schema<WorkerDocument>({ _id: { type: String, required: true } }, { versionKey: false });
// WorkerRepository.judge.
schema.index({ gone: 1, at: 1 });
// WorkerRepository.lastHeard; removes what is old.
schema.index({ at: 1 }, { expireAfterSeconds: KEPT_SECONDS });

export const WORKERS: NativeCollection<WorkerDocument> = { name: 'workers', schema };
