import type { Connection, InsertManyOptions, Model, PipelineStage, QueryFilter, UpdateQuery } from 'mongoose';
import { OPERATION_MS } from '../connection/client-options.js';
import { RUN, type Database } from '../connection/database.js';
import { insertedBefore, isTaken } from './taken.js';
import type { CollectionDefinition } from './collection.js';

/** The limit of the server's own work; an operation that waits for a connection first is given up by `Database` as a whole. */
const LIMIT = { maxTimeMS: OPERATION_MS } as const;

export interface ListOptions {
  readonly sort: Readonly<Record<string, 1 | -1>>;
  /** Every list ends. */
  readonly limit: number;
}

/**
 * A collection whose documents belong to nobody: what the system keeps for itself. Reads answer plain objects.
 * Operators in a filter count only inside Mongoose's `trusted(…)`; anything else is compared as the value it is.
 */
export class SystemDocuments<Stored extends object> {
  constructor(
    private readonly database: Database,
    private readonly definition: CollectionDefinition<Stored>,
  ) {}

  findOne(filter: QueryFilter<Stored>): Promise<Stored | null> {
    return this.run((model) => model.findOne(filter, null, LIMIT).lean<Stored>().exec());
  }

  list(filter: QueryFilter<Stored>, { sort, limit }: ListOptions): Promise<Stored[]> {
    return this.run((model) => model.find(filter, null, LIMIT).sort(sort).limit(limit).lean<Stored[]>().exec());
  }

  /** How many there are, at most `limit`: nobody counts a whole collection. */
  count(filter: QueryFilter<Stored>, limit: number): Promise<number> {
    return this.run((model) => model.countDocuments(filter, LIMIT).limit(limit).exec());
  }

  async insert(document: Stored): Promise<void> {
    await this.run((model) => model.insertMany([document], LIMIT as InsertManyOptions));
  }

  /** One after the other, up to the first whose key is taken; answers how many were inserted. */
  async insertUntilTaken(documents: readonly Stored[]): Promise<number> {
    try {
      await this.run((model) => model.insertMany([...documents], { ...LIMIT, ordered: true } as InsertManyOptions));
      return documents.length;
    } catch (error) {
      const inserted = isTaken(error) ? insertedBefore(error) : undefined;
      if (inserted === undefined) throw error;
      return inserted;
    }
  }

  /** Answers whether a document matched or was made. */
  async update(
    filter: QueryFilter<Stored>,
    update: UpdateQuery<Stored>,
    options = { upsert: false },
  ): Promise<boolean> {
    const done = await this.run((model) => model.updateOne(filter, update, { ...LIMIT, ...options }).exec());
    return done.matchedCount + done.upsertedCount > 0;
  }

  /** Changes one document if it still is as the filter says, in one step, and answers it as it is afterwards. */
  change(filter: QueryFilter<Stored>, update: UpdateQuery<Stored>, { upsert = false } = {}): Promise<Stored | null> {
    const options = { ...LIMIT, upsert, returnDocument: 'after' } as const;
    return this.run((model) => model.findOneAndUpdate(filter, update, options).lean<Stored>().exec());
  }

  /** Answers how many matched. */
  async updateAll(filter: QueryFilter<Stored>, update: UpdateQuery<Stored>): Promise<number> {
    const { matchedCount } = await this.run((model) => model.updateMany(filter, update, LIMIT).exec());
    return matchedCount;
  }

  async deleteAll(filter: QueryFilter<Stored>): Promise<number> {
    const { deletedCount } = await this.run((model) => model.deleteMany(filter, LIMIT).exec());
    return deletedCount;
  }

  /** For what belongs together and is read in one round trip. The stages are our own code, never built from input. */
  async join<Joined>(filter: QueryFilter<Stored>, stages: PipelineStage[]): Promise<Joined[]> {
    return this.run((model) => model.aggregate<Joined>([{ $match: filter }, ...stages], LIMIT).exec());
  }

  async delete(filter: QueryFilter<Stored>): Promise<boolean> {
    const { deletedCount } = await this.run((model) => model.deleteOne(filter, LIMIT).exec());
    return deletedCount > 0;
  }

  private run<T>(work: (model: Model<Stored>) => Promise<T>): Promise<T> {
    return this.database[RUN]((connection) => work(modelOf(connection, this.definition)));
  }
}

/** Made once per connection: Mongoose keeps it by its name. */
function modelOf<Stored>(connection: Connection, { name, schema }: CollectionDefinition<Stored>): Model<Stored> {
  // What is kept under this name was made below, from the same definition.
  const known = connection.models[name] as Model<Stored> | undefined;
  if (known) return known;
  // Mongoose takes these from a schema, and a schema that forgot them would drop fields silently.
  schema.set('strict', 'throw').set('strictQuery', 'throw');
  return connection.model<Stored>(name, schema, name);
}
