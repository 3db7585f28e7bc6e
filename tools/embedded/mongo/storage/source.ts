import { MongoError } from '../semantics/index.ts';
import type { Catalogue } from './catalogue.ts';
import type { Connection } from './connection.ts';
import { Cursor } from './cursor.ts';
import type { Access } from './plan.ts';
import type { Slice } from './scan.ts';
import { scanReport } from './scan-report.ts';
import type { CollectionDefinition, ScanReport, Selection, StoredRecord } from './types.ts';

/** What a read sees: a connection, and what exists in the file as that sees it. */
export interface View {
  readonly connection: Connection;
  catalogue(): Catalogue;
}

const indexesOf = (access: Access): number[] => {
  if (access.kind === 'collection') return [];
  return access.kind === 'index' ? [access.index.id] : access.scans.map(({ index }) => index.id);
};

/** The records of a selection; ends with an error when what it reads is dropped meanwhile. */
export class Source {
  readonly cursor: Cursor | undefined;
  private readonly view: View;
  private readonly collection: CollectionDefinition | undefined;
  private readonly selection: Selection;

  constructor(view: View, ns: string, selection: Selection) {
    this.view = view;
    this.selection = selection;
    this.collection = view.catalogue().get(ns);
    this.cursor = this.collection && new Cursor(view.connection, this.collection, selection);
  }

  get done(): boolean {
    return this.cursor?.done ?? true;
  }

  read(slice: Slice): StoredRecord[] {
    if (!this.cursor || !this.collection) return [];
    const now = this.view.catalogue().get(this.collection.ns);
    if (now?.id !== this.collection.id) throw new MongoError(175, 'collection dropped');
    for (const id of indexesOf(this.cursor.plan.access))
      if (!now.indexes.some((index) => index.id === id)) throw new MongoError(175, 'index dropped');
    return this.cursor.read(slice);
  }

  report(): ScanReport | undefined {
    return this.cursor && this.collection && scanReport(this.collection.ns, this.selection.filter, this.cursor);
  }
}
