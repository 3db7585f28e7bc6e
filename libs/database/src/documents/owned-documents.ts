import type { OwnerScope } from '@flowmate/domain';
import type { QueryFilter, UpdateQuery } from 'mongoose';
import type { Database } from '../connection/database.js';
import type { CollectionDefinition, Owned } from './collection.js';
import { SystemDocuments, type ListOptions } from './documents.js';

/** A filter that cannot name an owner: the scope does. */
export type OwnedFilter<Stored extends Owned> = QueryFilter<Omit<Stored, 'workspaceId'>>;
type OwnedUpdate<Stored extends Owned> = UpdateQuery<Omit<Stored, 'workspaceId'>>;

/**
 * A collection whose documents belong to a workspace. There is no way to ask it without an owner: the scope is the
 * first argument of everything, and part of every filter and every new document.
 */
export class OwnedDocuments<Stored extends Owned> {
  private readonly all: SystemDocuments<Stored>;

  constructor(database: Database, definition: CollectionDefinition<Stored>) {
    this.all = new SystemDocuments(database, definition);
  }

  findOne(owner: OwnerScope, filter: OwnedFilter<Stored>): Promise<Stored | null> {
    return this.all.findOne(scoped(owner, filter));
  }

  list(owner: OwnerScope, filter: OwnedFilter<Stored>, options: ListOptions): Promise<Stored[]> {
    return this.all.list(scoped(owner, filter), options);
  }

  count(owner: OwnerScope, filter: OwnedFilter<Stored>, limit: number): Promise<number> {
    return this.all.count(scoped(owner, filter), limit);
  }

  insert(owner: OwnerScope, document: Omit<Stored, 'workspaceId'>): Promise<void> {
    // Together they are the whole document; the compiler cannot add up an `Omit` of a type it does not know yet.
    return this.all.insert({ ...document, workspaceId: owner.workspaceId } as unknown as Stored);
  }

  update(owner: OwnerScope, filter: OwnedFilter<Stored>, update: OwnedUpdate<Stored>): Promise<boolean> {
    return this.all.update(scoped(owner, filter), update as UpdateQuery<Stored>);
  }

  change(owner: OwnerScope, filter: OwnedFilter<Stored>, update: OwnedUpdate<Stored>): Promise<Stored | null> {
    return this.all.change(scoped(owner, filter), update as UpdateQuery<Stored>);
  }

  /** What is left of a workspace when it goes. */
  deleteAll(owner: OwnerScope): Promise<number> {
    return this.all.deleteAll(scoped(owner, {}));
  }

  delete(owner: OwnerScope, filter: OwnedFilter<Stored>): Promise<boolean> {
    return this.all.delete(scoped(owner, filter));
  }

  /** For the few lookups that come before an owner is known. Whoever uses it says why in its own name and comment. */
  findOneUnscoped(filter: QueryFilter<Stored>): Promise<Stored | null> {
    return this.all.findOne(filter);
  }
}

/** The owner stands beside the filter, where no `$or` and no field of it can take it away. */
function scoped<Stored extends Owned>({ workspaceId }: OwnerScope, filter: OwnedFilter<Stored>): QueryFilter<Stored> {
  return { $and: [{ workspaceId }, filter] } as QueryFilter<Stored>;
}
