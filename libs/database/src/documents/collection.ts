import type { Schema } from 'mongoose';

/** A collection as its folder declares it. Its indexes are in the schema; a migration makes them. */
export interface CollectionDefinition<Stored> {
  readonly name: string;
  readonly schema: Schema<Stored>;
}

/** What every document of people carries. */
export interface Owned {
  readonly workspaceId: string;
}
