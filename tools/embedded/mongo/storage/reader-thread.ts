import { parentPort, workerData } from 'node:worker_threads';
import { loadCatalogue, type Catalogue } from './catalogue.ts';
import { Connection } from './connection.ts';
import { storageError } from './errors.ts';
import { openJob } from './jobs.ts';
import { failureOf, unpackRequest, type Answer, type Order } from './reader-messages.ts';
import { LocalRows } from './rows.ts';
import type { ScanReport } from './types.ts';

/** Reads long queries beside the thread that answers clients; started by `Reader`. */
const connection = new Connection(String(workerData), true);

let version: unknown;
let known: Catalogue = new Map();
function catalogue(): Catalogue {
  const [current] = connection.get('PRAGMA data_version') ?? [];
  if (current !== version) known = loadCatalogue(connection);
  version = current;
  return known;
}

interface Open {
  readonly rows: LocalRows;
  report?: ScanReport;
}

const open = new Map<number, Open>();

// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port, not a window
const answer = (message: Answer): void => parentPort?.postMessage(message);
const fail = (id: number, error: unknown): void => {
  open.delete(id);
  answer({ id, documents: [], done: true, failure: failureOf(storageError(error)) });
};

function start(id: number, request: Uint8Array): void {
  const entry: Open = {
    rows: new LocalRows(openJob({ connection, catalogue }, unpackRequest(request)), (report) => {
      entry.report = report;
    }),
  };
  open.set(id, entry);
}

async function next(order: Extract<Order, { kind: 'next' }>): Promise<void> {
  const { id, limits } = order;
  const entry = open.get(id);
  if (!entry) return answer({ id, documents: [], done: true });
  const { documents, done } = await entry.rows.next(limits);
  if (done) open.delete(id);
  answer({ id, documents, done, ...(entry.report ? { report: entry.report } : {}) });
}

parentPort?.on('message', (order: Order) => {
  const { id } = order;
  if (order.kind === 'close') {
    open.get(id)?.rows.close();
    open.delete(id);
  } else if (order.kind === 'next') next(order).catch((error: unknown) => fail(id, error));
  else {
    try {
      start(id, order.request);
    } catch (error) {
      fail(id, error);
    }
  }
});
