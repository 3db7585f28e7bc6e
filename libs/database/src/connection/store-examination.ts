import type { mongo } from 'mongoose';
import { ALL_COLLECTIONS } from '../collections.js';
import { OPERATION_MS } from './client-options.js';
import { native, RUN, type Database } from './database.js';

export interface StoreFacts {
  readonly version: string;
  /** Of the replica set; absent for a single server. */
  readonly replicaSet?: string;
  /** The one of `npm start`. */
  readonly isEmbedded: boolean;
}

/** An index of ours, as people read it. */
export interface IndexName {
  readonly collection: string;
  /** Such as `trail, seq`. */
  readonly fields: string;
  /** What makes it again, in `mongosh`. */
  readonly remedy: string;
}

const LIMIT = { maxTimeMS: OPERATION_MS } as const;
/** The server's word for a collection that does not exist yet. */
const NO_COLLECTION = 26;

/** Looks a store over for whoever asks what is wrong with it. Changes nothing. */
export class StoreExamination {
  constructor(private readonly database: Database) {}

  facts(): Promise<StoreFacts> {
    return this.database[RUN](async (connection) => {
      const db = native(connection);
      const [info, hello] = await Promise.all([
        db.command({ buildInfo: 1, ...LIMIT }),
        db.command({ hello: 1, ...LIMIT }),
      ]);
      const replicaSet: unknown = hello['setName'] ?? (hello['msg'] === 'isdbgrid' ? 'sharded' : undefined);
      return {
        version: String(info['version']),
        ...(typeof replicaSet === 'string' && { replicaSet }),
        isEmbedded: info['flowmateEmbedded'] === true,
      };
    });
  }

  /** A write that changes nothing, and yet waits until the majority has everything before it: how long it took. */
  majorityMs(): Promise<number> {
    return this.database[RUN](async (connection) => {
      const started = performance.now();
      const nothing: mongo.Filter<{ _id: string }> = { _id: 'nothing has this id' };
      const writeConcern = { w: 'majority', wtimeoutMS: OPERATION_MS } as const;
      const migrations = native(connection).collection<{ _id: string }>('migrations');
      await migrations.updateOne(nothing, { $unset: { nothing: '' } }, { writeConcern, ...LIMIT });
      return performance.now() - started;
    });
  }

  /** Indexes that the code relies on and the store does not have. */
  missingIndexes(): Promise<IndexName[]> {
    return this.database[RUN](async (connection) => {
      const db = native(connection);
      const missing: IndexName[] = [];
      for (const { name, schema } of ALL_COLLECTIONS) {
        // oxlint-disable-next-line no-await-in-loop -- a dozen questions, and nobody waits but a person
        const there = new Set((await indexesOf(db, name)).map(shapeOf));
        for (const [key, options] of schema.indexes())
          if (!there.has(shapeOf({ key, ...options }))) {
            missing.push({
              collection: name,
              fields: Object.keys(key).join(', '),
              remedy: remedyOf(name, key, options),
            });
          }
      }
      return missing;
    });
  }
}

interface IndexShape {
  readonly key: object;
  readonly unique?: unknown;
  readonly expireAfterSeconds?: number | undefined;
}

/** What an index does; what it is called does not matter. One that should be unique and is not, is another one. */
function shapeOf({ key, unique = false, expireAfterSeconds }: IndexShape): string {
  return JSON.stringify([Object.entries(key), unique !== false, expireAfterSeconds ?? null]);
}

/** Without what only tells how to build it. */
function remedyOf(collection: string, key: object, { background: _, ...options }: { background?: unknown }): string {
  const more = Object.keys(options).length > 0 ? `, ${JSON.stringify(options)}` : '';
  return `db.${collection}.createIndex(${JSON.stringify(key)}${more})`;
}

async function indexesOf(db: mongo.Db, collection: string): Promise<IndexShape[]> {
  try {
    return await db.collection(collection).indexes(LIMIT);
  } catch (error) {
    if (typeof error === 'object' && error !== null && 'code' in error && error.code === NO_COLLECTION) return [];
    throw error;
  }
}
