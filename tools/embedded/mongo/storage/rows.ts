import { setImmediate as turn } from 'node:timers/promises';
import { MongoError } from '../semantics/index.ts';
import { storageError } from './errors.ts';
import type { Job } from './jobs.ts';
import type { Batch, BatchLimits, Rows, ScanReport } from './types.ts';

/** How long this thread works for one reader before others get their turn. */
const SLICE_MS = 10;

/** Reads a job in slices on this thread. */
export class LocalRows implements Rows {
  private readonly job: Job;
  private readonly reported: (report: ScanReport) => void;
  private closed = false;

  constructor(job: Job, reported: (report: ScanReport) => void) {
    this.job = job;
    this.reported = reported;
  }

  async next(limits: BatchLimits): Promise<Batch> {
    const documents: Buffer[] = [];
    let bytes = 0;
    for (;;) {
      if (this.closed) throw new MongoError(237, 'the cursor was killed');
      const slice = { records: limits.documents - documents.length, bytes: limits.bytes - bytes };
      for (const document of this.step({ ...slice, until: performance.now() + SLICE_MS })) {
        documents.push(document);
        bytes += document.length;
      }
      if (this.job.done) this.finish();
      if (this.job.done || documents.length >= limits.documents || bytes >= limits.bytes)
        return { documents, done: this.job.done };
      await turn();
    }
  }

  /** One slice; `undefined` when that was not enough, after which this must not be read any more. */
  attempt(limits: BatchLimits, ms: number): Batch | undefined {
    const slice = { records: limits.documents, bytes: limits.bytes, until: performance.now() + ms, brief: true };
    const documents = this.step(slice);
    const bytes = documents.reduce((sum, { length }) => sum + length, 0);
    const { done } = this.job;
    if (done) this.finish();
    return done || documents.length >= limits.documents || bytes >= limits.bytes ? { documents, done } : undefined;
  }

  private step(slice: Parameters<Job['step']>[0]): Buffer[] {
    try {
      return this.job.step(slice);
    } catch (error) {
      throw storageError(error);
    }
  }

  private finish(): void {
    const report = this.closed ? undefined : this.job.report();
    if (report) this.reported(report);
  }

  close(): void {
    if (!this.job.done && !this.closed) this.finish();
    this.closed = true;
  }
}

/** What a read may take here before it moves to the reader thread. */
const BUDGET_MS = 20;

/** Tries on this thread first, which is quickest for what is short; what is long starts again on the reader thread. */
export class HandedOver implements Rows {
  private readonly local: LocalRows;
  private readonly elsewhere: () => Rows;
  private remote: Rows | undefined;
  private begun = false;

  constructor(local: LocalRows, elsewhere: () => Rows) {
    this.local = local;
    this.elsewhere = elsewhere;
  }

  async next(limits: BatchLimits): Promise<Batch> {
    if (this.remote) return this.remote.next(limits);
    if (this.begun) return this.local.next(limits);
    this.begun = true;
    const batch = this.local.attempt(limits, BUDGET_MS);
    if (batch) return batch;
    this.remote = this.elsewhere();
    return this.remote.next(limits);
  }

  close(): void {
    if (this.remote) this.remote.close();
    else this.local.close();
  }
}
