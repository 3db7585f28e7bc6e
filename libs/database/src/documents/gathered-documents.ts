import { mongo } from 'mongoose';
import { OPERATION_MS } from '../connection/client-options.js';
import { DatabaseUnavailableError } from '../connection/database.errors.js';
import { Gathered, type Settled } from './gathered.js';
import type { NativeDocuments, NativeFilter, NativeUpdate } from './native-documents.js';

interface Change<Stored> {
  readonly filter: NativeFilter<Stored>;
  readonly update: NativeUpdate<Stored>;
}

/** Measured with runs of five writes on two cores: two finish a third more of them than one, which waits whenever the store does. */
const LANES = 2;
/** A worker has 50 runs by default; a thousand at once would keep the store at one command for a tenth of a second. */
const MOST = 64;
/** For what somebody waits for: no rest. */
export const GATHERED_OPTIONS = {
  lanes: LANES,
  most: MOST,
  rest: { eachMs: 0, mostMs: 0 },
  timeoutMs: OPERATION_MS,
} as const;
/** Measured: at 200 runs a second, 800 writes, a run costs a tenth less processor time; below about 100 none rests. */
const WITH_REST = { ...GATHERED_OPTIONS, rest: { eachMs: 3, mostMs: 30 } };

/**
 * For documents that are written hundreds of times a second, each by itself: what many write at the same time is one
 * command. Each write stands for itself all the same; none is undone because another one failed.
 */
export class GatheredDocuments<Stored extends { readonly _id: string }> {
  private readonly insertions: Gathered<Stored, void>;
  private readonly changes: Gathered<Change<Stored>, boolean | undefined>;
  private readonly readings: Gathered<string, Stored | null>;

  constructor(private readonly documents: NativeDocuments<Stored>) {
    this.insertions = new Gathered((all) => this.insertAll(all), GATHERED_OPTIONS);
    this.changes = new Gathered((all) => this.changeAll(all), WITH_REST);
    this.readings = new Gathered((ids) => this.readAll(ids), WITH_REST);
  }

  insert(document: Stored): Promise<void> {
    return this.insertions.ask(document);
  }

  /**
   * Answers whether a document matched. Nothing, when it went with others and one of them did not: the store says how
   * many matched, and not which. The filter must name one document, and must not match after the update.
   */
  update(filter: NativeFilter<Stored>, update: NativeUpdate<Stored>): Promise<boolean | undefined> {
    return this.changes.ask({ filter, update });
  }

  read(id: string): Promise<Stored | null> {
    return this.readings.ask(id);
  }

  private async insertAll(all: readonly Stored[]): Promise<Settled<void>> {
    const [first, ...others] = all;
    if (first && others.length === 0) return [{ status: 'fulfilled', value: await this.documents.insert(first) }];
    const { refused } = await this.together(() => this.documents.insertEach(all));
    return settle(all, refused, {
      again: (document) => this.documents.insert(document),
      done: () => undefined,
    });
  }

  private async changeAll(all: ReadonlyArray<Change<Stored>>): Promise<Settled<boolean | undefined>> {
    const [first, ...others] = all;
    const again = ({ filter, update }: Change<Stored>): Promise<boolean> => this.documents.update(filter, update);
    if (first && others.length === 0) return [{ status: 'fulfilled', value: await again(first) }];
    const { refused, matched } = await this.together(() => this.documents.updateEach(all));
    const isEach = matched === all.length - refused.size;
    return settle(all, refused, { again, done: () => (isEach ? true : undefined) });
  }

  private async readAll(ids: readonly string[]): Promise<Settled<Stored | null>> {
    const [first, ...others] = ids;
    const filter = (others.length === 0 ? { _id: first } : { _id: { $in: [...new Set(ids)] } }) as NativeFilter<Stored>;
    const found = new Map((await this.documents.list(filter, { limit: ids.length })).map((one) => [one._id, one]));
    return ids.map((id) => ({ status: 'fulfilled', value: found.get(id) ?? null }));
  }

  private async together(write: () => Promise<number>): Promise<{ matched: number; refused: ReadonlySet<number> }> {
    try {
      return { matched: await write(), refused: new Set() };
    } catch (error) {
      if (!(error instanceof mongo.MongoBulkWriteError)) throw error;
      // Some were refused, and of the others the majority has not heard: nothing is known of any.
      if (error.result.getWriteConcernError()) throw new DatabaseUnavailableError(true, error);
      const refused = new Set([error.writeErrors].flat().map(({ index }) => index));
      if (refused.size === 0) throw error;
      return { matched: error.result.matchedCount, refused };
    }
  }
}

/** Who was refused hears by itself why: the same once more, alone. */
function settle<Asked, Answer>(
  all: readonly Asked[],
  refused: ReadonlySet<number>,
  { again, done }: { again: (one: Asked) => Promise<Answer>; done: () => Answer },
): Promise<Settled<Answer>> {
  return Promise.allSettled(all.map((one, index) => (refused.has(index) ? again(one) : done())));
}
