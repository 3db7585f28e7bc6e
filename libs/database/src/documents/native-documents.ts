import type { mongo, Schema } from 'mongoose';
import { OPERATION_MS } from '../connection/client-options.js';
import { native, RUN, type Database } from '../connection/database.js';

/** A collection that is asked through the driver itself. Its schema says its indexes and its owner, and casts nothing. */
export interface NativeCollection<Stored> {
  readonly name: string;
  readonly schema: Schema<Stored>;
}

const LIMIT = { maxTimeMS: OPERATION_MS } as const;

export type NativeFilter<Stored> = mongo.Filter<Stored>;
export type NativeUpdate<Stored> = mongo.UpdateFilter<Stored>;

/**
 * For what is written hundreds of times a second: documents go to the driver as they are, without a model in between.
 * Filters and updates are our own code; what comes from outside is only ever a value in them.
 */
export class NativeDocuments<Stored extends { readonly _id: string }> {
  constructor(
    private readonly database: Database,
    private readonly definition: NativeCollection<Stored>,
  ) {}

  findOne<Found = Stored>(filter: mongo.Filter<Stored>, options: mongo.FindOptions = {}): Promise<Found | null> {
    return this.run((all) => all.findOne<Found & mongo.Document>(filter, { ...LIMIT, ...options }));
  }

  list<Found = Stored>(
    filter: mongo.Filter<Stored>,
    options: mongo.FindOptions & { readonly limit: number },
  ): Promise<Found[]> {
    return this.run((all) => all.find<Found & mongo.Document>(filter, { ...LIMIT, ...options }).toArray());
  }

  count(filter: mongo.Filter<Stored>, limit: number): Promise<number> {
    return this.run((all) => all.countDocuments(filter, { ...LIMIT, limit }));
  }

  async insert(document: Stored): Promise<void> {
    await this.run((all) => all.insertOne(document as mongo.OptionalUnlessRequiredId<Stored>));
  }

  /** All in one command, each by itself. Answers how many were inserted; fails when one was refused. */
  async insertEach(documents: readonly Stored[]): Promise<number> {
    const all = documents as ReadonlyArray<mongo.OptionalUnlessRequiredId<Stored>>;
    return (await this.run((stored) => stored.insertMany(all, { ...LIMIT, ordered: false }))).insertedCount;
  }

  /** All in one command, each by itself. Answers how many matched; fails when one was refused. */
  async updateEach(
    changes: ReadonlyArray<{ readonly filter: mongo.Filter<Stored>; readonly update: mongo.UpdateFilter<Stored> }>,
  ): Promise<number> {
    const all = changes.map((change) => ({ updateOne: { ...change } }));
    return (await this.run((stored) => stored.bulkWrite(all, { ...LIMIT, ordered: false }))).matchedCount;
  }

  /** Answers whether a document matched or was made. */
  async update(filter: mongo.Filter<Stored>, update: mongo.UpdateFilter<Stored>, upsert = false): Promise<boolean> {
    const done = await this.run((all) => all.updateOne(filter, update, { ...LIMIT, upsert }));
    return done.matchedCount + done.upsertedCount > 0;
  }

  /** Answers the document as it is afterwards. */
  change<Found = Stored>(
    filter: mongo.Filter<Stored>,
    update: mongo.UpdateFilter<Stored>,
    options: { readonly upsert?: boolean; readonly projection?: mongo.Document } = {},
  ): Promise<Found | null> {
    const all = { ...LIMIT, ...options, returnDocument: 'after' } as const;
    return this.run((documents) => documents.findOneAndUpdate(filter, update, all)) as Promise<Found | null>;
  }

  async updateAll(filter: mongo.Filter<Stored>, update: mongo.UpdateFilter<Stored>): Promise<number> {
    return (await this.run((all) => all.updateMany(filter, update, LIMIT))).matchedCount;
  }

  async deleteAll(filter: mongo.Filter<Stored>): Promise<number> {
    return (await this.run((all) => all.deleteMany(filter, LIMIT))).deletedCount;
  }

  private run<T>(work: (all: mongo.Collection<Stored>) => Promise<T>): Promise<T> {
    return this.database[RUN]((connection) => work(native(connection).collection<Stored>(this.definition.name)));
  }
}
