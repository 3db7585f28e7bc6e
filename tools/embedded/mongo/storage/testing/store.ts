import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decode, Doc, Int32, parseEjson, type Value } from '../../semantics/index.ts';
import { openStore } from '../index.ts';
import type { Query, Store, StoreOptions } from '../types.ts';

/** A document from plain JS; whole numbers become int32, as drivers send them. */
export function doc(fields: Record<string, unknown>): Doc {
  return whole(parseEjson(JSON.stringify(fields))) as Doc; // an object stays a document
}

function whole(value: Value): Value {
  if (typeof value === 'number' && Number.isInteger(value)) return new Int32(value);
  if (Array.isArray(value)) return value.map(whole);
  return value instanceof Doc ? new Doc([...value].map(([name, inner]) => [name, whole(inner)] as const)) : value;
}

/** The way back, for expectations. */
export function plain(value: Value | undefined): unknown {
  if (value instanceof Doc) return Object.fromEntries([...value].map(([name, inner]) => [name, plain(inner)]));
  if (Array.isArray(value)) return value.map(plain);
  return value instanceof Int32 ? value.value : value;
}

export interface TestStore {
  readonly folder: string;
  readonly store: Store;
  reopen(): Promise<void>;
  remove(): Promise<void>;
}

export function testStore(options: Omit<StoreOptions, 'folder'> = {}, folder = newFolder()): TestStore {
  let store = openStore({ ...options, folder });
  return {
    folder,
    get store() {
      return store;
    },
    reopen: async () => {
      await store.close();
      store = openStore({ ...options, folder });
    },
    remove: async () => {
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export const newFolder = (): string => mkdtempSync(join(tmpdir(), 'store-'));

export const insert = (store: Store, ns: string, ...docs: Array<Record<string, unknown>>): Promise<void> =>
  store.transact((tx) => {
    for (const one of docs) tx.insert(ns, doc(one));
  });

export async function findAll(store: Store, query: Query): Promise<unknown[]> {
  const rows = store.find(query);
  const found: unknown[] = [];
  for (;;) {
    const { documents, done } = await rows.next({ documents: 100, bytes: 1_000_000 });
    found.push(...documents.map((bytes) => plain(decode(bytes))));
    if (done) return found;
  }
}
