import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { check, settled } from '../checker/checker.js';
import type { Child } from '../system/child.js';
import { urlOfApi } from '../system/client.js';
import { StreamReader } from '../system/stream-reader.js';
import type { System } from '../system/system.js';
import { inputOf, target, warmUp } from './load.js';
import { ends, seconds } from './resumes.js';
import { bound, inSystem, type Context, type Outcome, type Scenario } from './scenario.js';

const MODEL = 'sim-talks';
/** More than the buffers of the system take for each connection, so that the rest is the api's business. */
const TEXT = 'x'.repeat(6 * 2 ** 20);
const PIECES = 120;
const STREAM_MS = 6_000;
const RUNS = 4;
/** Of each run, as many that read and as many that do not. */
const READERS = 5;
/** The cap of each of them, and as much again for what is on its way. */
const MAX_GROWN_MB = 2 * RUNS * READERS * 0.25 + 64;
const LOOK_MS = 50;
/** The longest that a reader may take nothing. */
const CLOSED_MS = 20_000;

/** One that asks for a stream and never reads a byte of it. */
async function neverReads(api: Child, runId: string, secret: string): Promise<Socket> {
  const { port, host } = new URL(urlOfApi(api));
  const socket = connect(Number(port), '127.0.0.1');
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  socket.pause();
  const head = [`GET /api/v1/runs/${runId}/stream HTTP/1.1`, `host: ${host}`, `authorization: Bearer ${secret}`];
  socket.write(`${[...head, 'accept: text/event-stream'].join('\r\n')}\r\n\r\n`);
  return socket;
}

/** As its metrics say. */
async function streamsOpen(api: Child): Promise<number> {
  const { port } = api.lines.find(({ msg }) => msg === 'metrics ready') ?? {};
  const text = await (await fetch(`http://127.0.0.1:${Number(port)}/metrics`)).text();
  return Number(/^flowmate_streams_open (\d+)$/m.exec(text)?.[1]);
}

/** The most that a process ever had while something went on. */
async function peakDuring(child: Child, work: Promise<unknown>): Promise<number> {
  let peak = child.memoryBytes;
  const done = work.then(() => true);
  while (!(await Promise.race([done, delay(LOOK_MS, false)]))) peak = Math.max(peak, child.memoryBytes);
  return peak;
}

async function play(system: System): Promise<Outcome> {
  const [api] = await Promise.all([system.api(), system.worker()]);
  await system.setModel(MODEL, { mode: 'ok', text: TEXT, pieces: PIECES, streamMs: STREAM_MS, latencyMs: 1_500 });
  const at = await target(system, [], MODEL);
  const { tenant, agentId } = at;
  const round = async (hasSlow: boolean) => {
    const wanted = Array.from({ length: RUNS }, () => ({ tenant, agentId, input: inputOf({}) }));
    const ids = (await Promise.all(wanted.map((run) => system.world.start(run)))).map(({ id }) => id);
    const all = ids.flatMap((runId) => Array.from({ length: READERS }, () => runId));
    const slow = hasSlow ? await Promise.all(all.map((runId) => neverReads(api, runId, tenant.secret))) : [];
    // The same crowd both times: what it takes to serve so many is no growth.
    const others = hasSlow ? all : [...all, ...all];
    const good = others.map((runId) => new StreamReader({ url: () => urlOfApi(api), secret: tenant.secret, runId }));
    await Promise.all([settled(system, ids, CLOSED_MS), ...good.map(({ done }) => done)]);
    const ended = performance.now();
    while ((await streamsOpen(api)) > 0 && performance.now() - ended < 2 * CLOSED_MS) await delay(LOOK_MS);
    const closedMs = performance.now() - ended;
    for (const socket of slow) socket.destroy();
    return { ids, good, slow, closedMs };
  };
  await warmUp(system, await target(system));
  const first = await round(false);
  await system.rest();
  const baseline = api.memoryBytes;
  const playing = round(true);
  const peak = (await peakDuring(api, playing)) - baseline;
  const { ids, good, slow, closedMs } = await playing;
  const { runs, violations, rests } = await check(system, [...first.ids, ...ids]);
  const whole = good.filter(({ isWhole, connections }) => isWhole && connections === 1).length;
  const grown = peak / 2 ** 20;
  return {
    figures: `${slow.length} readers that never read, ${TEXT.length / 2 ** 20} MB of text: closed ≤ ${seconds(closedMs)} after the end; ${whole} of ${good.length} others had everything on one connection, ${(Math.min(...good.map(({ bytes }) => bytes)) / 2 ** 20).toFixed(1)} MB at least; api at most ${grown.toFixed(0)} MB larger; ${rests}; ${ends(runs)}`,
    violations: [
      ...violations,
      ...bound(whole === good.length, `${good.length - whole} other readers were disturbed`),
      ...bound(closedMs <= CLOSED_MS, `a reader that never reads was closed only after ${seconds(closedMs)}`),
      ...bound(grown <= MAX_GROWN_MB, `the api grew by ${grown.toFixed(0)} MB`),
    ],
  };
}

export const slowReaders: Scenario = {
  id: 'F44',
  title: 'readers of streams that never read',
  run: (context: Context) => inSystem(context, play),
};
