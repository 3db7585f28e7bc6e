import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { selfSigned } from '../../libs/egress/test/certificate.js';
import { check, settled } from '../checker/checker.js';
import type { Namespace } from '../system/namespace.js';
import type { ProcessOptions, System } from '../system/system.js';
import { call, inputOf, target, threeSteps, type Target } from './load.js';
import { inNamespace, needsNamespace } from './own-network.js';
import { ends } from './resumes.js';
import { bound, inSystem, type Outcome, type Scenario } from './scenario.js';

/** Reserved: it is nobody's, and where the worker is there is no name server either. */
const NAME = 'provider.invalid';
/** Four tries, with their pauses. */
const CASE_MS = 30_000;
const TRIES = 4;

interface Case {
  readonly name: string;
  readonly worker: ProcessOptions;
  readonly plan?: ReturnType<typeof threeSteps>;
  readonly ends: string;
  readonly tries: number;
}

/** Each with a worker of its own: the breaker of one provider would speak for the next. */
async function tried(system: System, at: Target, { name, worker, plan = threeSteps(), ...wanted }: Case) {
  const own = await system.worker(worker);
  const { id } = await system.world.start({ ...at, input: inputOf({ plan }, name) });
  await settled(system, [id], CASE_MS);
  const isAlive = own.isRunning;
  const exitCode = await own.end('SIGTERM');
  const [run] = await system.world.runs([id]);
  const end = [run?.head.status, run?.head.code].filter(Boolean).join(':');
  const retries = run?.journal.filter(({ type }) => type === 'run.retrying').length ?? 0;
  const isAsWanted = isAlive && exitCode === 0 && end === wanted.ends && retries === wanted.tries - 1;
  const what = `${name}: ${end} after ${retries + 1} tries, the worker ${isAlive ? 'went on' : 'ended'}`;
  return { id, what, violations: bound(isAsWanted, what) };
}

async function play(system: System, { host, prefix }: Namespace): Promise<Outcome> {
  const { key, cert } = selfSigned('127.0.0.1');
  const stranger = createServer({ key, cert }, (_, answer) => answer.end('{}')).listen(0, '127.0.0.1');
  await once(stranger, 'listening');
  const { port } = stranger.address() as AddressInfo;
  const plain = await system.proxy('model');
  const links = {
    store: await system.proxy('store', host),
    redis: await system.proxy('redis', host),
    model: await system.proxy('model', host),
    tools: await system.proxy('tools', host),
  };
  const asking = (url: string): ProcessOptions => ({ variables: { OPENAI_BASE_URL: url } });
  const unavailable = { ends: 'failed:llm_unavailable', tries: TRIES } as const;
  const inside = { links, prefix };
  const fetching = [[call('http.get', { url: `https://${NAME}/` })]];
  const cases: readonly Case[] = [
    { name: 'f34-name', worker: { ...inside, ...asking(`http://${NAME}/v1`) }, ...unavailable },
    { name: 'f34-certificate', worker: asking(`https://127.0.0.1:${port}/v1`), ...unavailable },
    { name: 'f34-no-tls', worker: asking(`https://127.0.0.1:${plain.port}/v1`), ...unavailable },
    { name: 'f34-tool', worker: inside, plan: fetching, ends: 'succeeded', tries: TRIES },
  ];
  const at = await target(system, ['http.get']);
  const all: Array<Awaited<ReturnType<typeof tried>>> = [];
  try {
    for (const one of cases) all.push(await tried(system, at, one));
  } finally {
    stranger.close();
  }
  const { runs, violations } = await check(
    system,
    all.map(({ id }) => id),
  );
  return {
    figures: `${cases.length} cases: ${ends(runs)}`,
    details: all.map(({ what }) => what),
    violations: [...violations, ...all.flatMap((one) => one.violations)],
  };
}

export const unreachable: Scenario = {
  id: 'F34',
  title: 'names that are not found, certificates that do not hold',
  unable: needsNamespace,
  run: (context) => inSystem(context, (system) => inNamespace((space) => play(system, space))),
};
