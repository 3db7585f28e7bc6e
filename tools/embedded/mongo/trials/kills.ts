import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { MongoClient } from 'mongodb';
import { ServerProcess } from './server-process.ts';

/** As many as the workers of one machine write at once. */
const WRITERS = 20;
/** Long enough for thousands of writes, short enough to hit every moment of a server's life, its start too. */
const CALM_MS = { least: 50, most: 900 };
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
    const writers = Array.from({ length: WRITERS }, (_, writer) => write(client, writer, stop.signal));
    for (let kill = 0; kill < kills; kill += 1) {
      await delay(CALM_MS.least + Math.random() * (CALM_MS.most - CALM_MS.least));
      await server.end('SIGKILL');
      findings.push(...(await server.fsck()));
      slowestStartMs = Math.max(slowestStartMs, await server.start());
    }
    stop.abort();
    const result = await count(client, await Promise.all(writers));
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

async function write(client: MongoClient, writer: number, signal: AbortSignal): Promise<Written> {
  const db = client.db('kills');
  const inserted = db.collection<{ _id: string; writer: number; n: number }>('inserted');
  const counters = db.collection<{ _id: number; n: number; tail: number[] }>('counters');
  const written: Written = { ids: [], increments: 0, undecided: 0 };
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
  return written;
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
