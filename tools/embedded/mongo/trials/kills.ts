import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { MongoClient } from 'mongodb';
import { ServerProcess } from './server-process.ts';

/** As many as the workers of one machine write at once. */
const WRITERS = 20;
/** Long enough for thousands of writes between two kills, which then hit any moment of them. */
const CALM_MS = 800;
/** One kill in so many does not wait for writers that found the server again: it hits the start. */
const HASTY = 8;
/** Drivers look for a lost server every half second. */
const LOOK_EVERY_MS = 10;
const DURABLE = { w: 'majority', journal: true } as const;

export interface KillResult {
  readonly kills: number;
  readonly acknowledgedInserts: number;
  readonly lostInserts: number;
  readonly acknowledgedIncrements: number;
  /** The driver gave up on them: they may have happened or not, but never twice. */
  readonly undecided: number;
  readonly lostIncrements: number;
  readonly doubledIncrements: number;
  readonly findings: readonly string[];
  readonly slowestStartMs: number;
}

interface Written {
  readonly ids: string[];
  increments: number;
  undecided: number;
}

/** Kills the server again and again under writers that rely on the driver's retry, and counts what is there. */
export async function killTrial(kills: number): Promise<KillResult> {
  const folder = mkdtempSync(join(tmpdir(), 'flowmate-kills-'));
  const server = new ServerProcess(folder);
  const findings: string[] = [];
  let slowestStartMs = await server.start();
  const client = new MongoClient(server.uri, { writeConcern: DURABLE, maxPoolSize: WRITERS });
  const stop = new AbortController();
  try {
    const db = client.db('kills');
    await db.collection('inserted').createIndex({ writer: 1, n: -1 }, { unique: true });
    const written = Array.from({ length: WRITERS }, (): Written => ({ ids: [], increments: 0, undecided: 0 }));
    const writers = written.map((own, writer) => write(client, { writer, written: own, signal: stop.signal }));
    for (let kill = 0; kill < kills; kill += 1) {
      if (kill % HASTY > 0) await untilWritten(written);
      await delay(Math.random() * CALM_MS);
      await server.end('SIGKILL');
      findings.push(...(await server.fsck()));
      slowestStartMs = Math.max(slowestStartMs, await server.start());
    }
    stop.abort();
    await Promise.all(writers);
    const result = await count(client, written);
    await client.close();
    await server.end('SIGTERM');
    findings.push(...(await server.fsck()));
    return { kills, ...result, findings, slowestStartMs };
  } finally {
    stop.abort();
    await client.close();
    await server.end('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The writers got through again: only then a kill can interrupt them. */
async function untilWritten(written: readonly Written[]): Promise<void> {
  const done = (): number => written.reduce((sum, { increments }) => sum + increments, 0);
  const before = done();
  while (done() === before) await delay(LOOK_EVERY_MS);
}

interface Writing {
  readonly writer: number;
  readonly written: Written;
  readonly signal: AbortSignal;
}

async function write(client: MongoClient, { writer, written, signal }: Writing): Promise<void> {
  const db = client.db('kills');
  const inserted = db.collection<{ _id: string; writer: number; n: number }>('inserted');
  const counters = db.collection<{ _id: number; n: number; tail: number[] }>('counters');
  for (let n = 0; !signal.aborted; n += 1) {
    const _id = `${writer}-${n}`;
    try {
      await inserted.insertOne({ _id, writer, n });
      written.ids.push(_id);
    } catch {
      // Not acknowledged: it may be there or not, and nobody was told that it is.
    }
    try {
      const change = { $inc: { n: 1 }, $push: { tail: { $each: [n], $slice: -100 } } };
      await counters.updateOne({ _id: writer }, change, { upsert: true });
      written.increments += 1;
    } catch {
      written.undecided += 1;
    }
  }
}

async function count(client: MongoClient, written: readonly Written[]) {
  const db = client.db('kills');
  const there = new Set<unknown>();
  for await (const { _id } of db.collection('inserted').find({}, { projection: { _id: 1 } })) there.add(_id);
  const counters = await db.collection<{ _id: number; n: number }>('counters').find().toArray();
  const countOf = (writer: number): number => counters.find(({ _id }) => _id === writer)?.n ?? 0;
  const total = (of: (one: Written, writer: number) => number): number =>
    written.reduce((sum, one, writer) => sum + of(one, writer), 0);
  return {
    acknowledgedInserts: total(({ ids }) => ids.length),
    lostInserts: total(({ ids }) => ids.filter((id) => !there.has(id)).length),
    acknowledgedIncrements: total(({ increments }) => increments),
    undecided: total(({ undecided }) => undecided),
    lostIncrements: total(({ increments }, writer) => Math.max(0, increments - countOf(writer))),
    doubledIncrements: total(({ increments, undecided }, writer) =>
      Math.max(0, countOf(writer) - increments - undecided),
    ),
  };
}
