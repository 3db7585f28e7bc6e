import { Schema } from 'mongoose';
import type { NativeCollection } from '../documents/native-documents.js';

/** A text of a run that is too long for its journal. */
export interface PayloadDocument {
  /** `runId:sha256(text)`: the same text of a run is one payload, however often it is written. */
  readonly _id: string;
  readonly schemaVersion: 1;
  readonly workspaceId: string;
  readonly bytes: number;
  readonly text: string;
}

const schema = new Schema<PayloadDocument>(
  { _id: { type: String, required: true }, workspaceId: { type: String, required: true } },
  { versionKey: false },
);
// PayloadRepository.deleteOfWorkspace.
schema.index({ workspaceId: 1 });

export const PAYLOADS: NativeCollection<PayloadDocument> = { name: 'payloads', schema };
