import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MongoClient, MongoServerError } from 'mongodb';
import { ServerProcess } from './server-process.ts';

/** Room for some hundred documents of 64 KB and the write-ahead log; what the filler holds comes back later. */
const DISK_BYTES = 48 * 2 ** 20;
const FILLER_BYTES = 16 * 2 ** 20;
const TEXT = 'x'.repeat(65_536);
/** More than fit. */
const TRIES = 2_000;
/** Refusals in a row that make it certain that the disk is full, and writes that make it certain that it no longer is. */
const ENOUGH = 20;
const DURABLE = { w: 'majority', journal: true } as const;

export interface DiskFullResult {
  readonly acknowledged: number;
  readonly refused: number;
  /** What the driver was told, by code. */
  readonly codes: readonly unknown[];
  readonly readsWhileFull: number;
  readonly writesAfterRoomWasMade: number;
  readonly lost: number;
  readonly findings: readonly string[];
}

/** Fills a small disk, reads on, makes room, writes on; nothing where a disk cannot be mounted. */
export async function diskFullTrial(): Promise<DiskFullResult | undefined> {
  const disk = mkdtempSync(join(tmpdir(), 'flowmate-disk-'));
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_BYTES}`, 'tmpfs', disk]);
  if (status !== 0) return undefined;
  const server = new ServerProcess(join(disk, 'data'));
  const filler = join(disk, 'filler');
  writeFileSync(filler, Buffer.alloc(FILLER_BYTES));
  let client: MongoClient | undefined;
  try {
    await server.start();
    client = new MongoClient(server.uri, { writeConcern: DURABLE });
    const result = await fill(client, () => rmSync(filler));
    await client.close();
    await server.end('SIGTERM');
    return { ...result, findings: await server.fsck() };
  } finally {
    await client?.close();
    await server.end('SIGKILL');
    spawnSync('umount', [disk]);
    rmSync(disk, { recursive: true, force: true });
  }
}

async function fill(client: MongoClient, makeRoom: () => void): Promise<Omit<DiskFullResult, 'findings'>> {
  const documents = client.db('disk').collection<{ _id: number; text: string }>('documents');
  const acknowledged: number[] = [];
  const refusals: unknown[] = [];
  const insert = async (_id: number): Promise<boolean> => {
    try {
      await documents.insertOne({ _id, text: TEXT });
      acknowledged.push(_id);
      return true;
    } catch (error) {
      refusals.push(error instanceof MongoServerError ? error.code : String(error));
      return false;
    }
  };
  for (let id = 0; id < TRIES && refusals.length < ENOUGH; id += 1) await insert(id);
  const readsWhileFull = await readable(documents, acknowledged);
  makeRoom();
  let writesAfterRoomWasMade = 0;
  for (let id = TRIES; id < TRIES + ENOUGH; id += 1) if (await insert(id)) writesAfterRoomWasMade += 1;
  const lost = acknowledged.length - (await readable(documents, acknowledged));
  return {
    acknowledged: acknowledged.length,
    refused: refusals.length,
    codes: [...new Set(refusals)],
    readsWhileFull,
    writesAfterRoomWasMade,
    lost,
  };
}

async function readable(
  documents: { countDocuments: (filter: { _id: { $in: number[] } }) => Promise<number> },
  ids: readonly number[],
): Promise<number> {
  return documents.countDocuments({ _id: { $in: [...ids] } });
}
