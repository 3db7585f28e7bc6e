import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { LedgerCall, ModelScript, ModeRule } from '@flowmate/testing';
import { FaultProxy } from '../faults/fault-proxy.js';
import { Child, typeScript, type Line, type Rest } from './child.js';
import type { Profile } from './profile.js';
import type { Stores } from './stores.js';
import { commonVariables } from './variables.js';
import { World } from './world.js';

const FOLDER = join(import.meta.dirname, '..');
const SIMULATORS = join(FOLDER, '..', 'libs', 'testing', 'src', 'simulators');

/** An api refuses what needs the store until it has heard from it: who asks too early is sent elsewhere. */
const IS_READY = {
  worker: ({ chaosWorker }: Line): boolean => chaosWorker !== undefined,
  api: ({ component, msg }: Line): boolean => component === 'mongodb' && msg === 'mongodb is up',
};

export interface SystemOptions {
  readonly stores: Stores;
  readonly profile: Profile;
  readonly random: () => number;
  readonly tell: (line: string) => void;
}

/** Where a process's words to somebody go through a proxy. */
export interface Links {
  readonly store?: FaultProxy;
  readonly redis?: FaultProxy;
  readonly model?: FaultProxy;
  readonly tools?: FaultProxy;
}

export interface ProcessOptions {
  readonly variables?: Readonly<Record<string, string>>;
  readonly links?: Links;
  /** Everything it writes finds a full volume; it is not waited for. */
  readonly isMute?: boolean;
  /** What its command begins with. */
  readonly prefix?: readonly string[];
}

/** Everything of one scenario: a world of its own on the stores, a ledger, a model, and the processes under test. */
export class System {
  readonly world: World;
  readonly children: Child[] = [];
  readonly proxies: FaultProxy[] = [];
  /** What those held that were there and had nothing to do, before the faults. */
  readonly rests = new Map<Child, Rest>();
  /** Of every process, also of those that are gone. */
  readonly folder: string;
  private readonly variables: Readonly<Record<string, string>>;
  private ledger: Child | undefined;
  private model: Child | undefined;
  private count = 0;

  private constructor(private readonly options: SystemOptions) {
    const name = `chaos_${randomUUID().slice(0, 8)}`;
    const { stores, profile } = options;
    this.folder = join(stores.folder, 'logs', name);
    mkdirSync(this.folder, { recursive: true });
    this.variables = {
      ...commonVariables(),
      ...profile.variables,
      MONGODB_URI: stores.mongoUri,
      MONGODB_DATABASE: name,
      REDIS_URL: stores.redis.url,
      REDIS_KEY_PREFIX: name,
    };
    this.world = new World(this.variables);
  }

  static async start(options: SystemOptions): Promise<System> {
    const system = new System(options);
    await system.world.begin();
    [system.ledger, system.model] = await Promise.all([
      system.helper('ledger', [join(SIMULATORS, 'ledger', 'ledger.main.ts'), join(system.folder, 'effects.jsonl')]),
      system.helper('model', [join(SIMULATORS, 'model', 'model-simulator.main.ts')]),
    ]);
    return system;
  }

  get stores(): Stores {
    return this.options.stores;
  }

  get profile(): Profile {
    return this.options.profile;
  }

  get workers(): Child[] {
    return this.children.filter(({ name, isRunning }) => name.startsWith('worker') && isRunning);
  }

  get secrets(): string[] {
    return ['JWT_SECRET', 'REFRESH_SECRET', 'INTEGRATION_ENC_KEY', 'OPENAI_KEY'].map((name) =>
      this.world.variable(name),
    );
  }

  async proxy(to: 'store' | 'redis' | 'model' | 'tools', host?: string): Promise<FaultProxy> {
    const { random, tell } = this.options;
    const addresses = {
      store: this.stores.mongoUri,
      redis: this.stores.redis.url,
      model: urlOf(this.model),
      tools: urlOf(this.ledger),
    };
    const port = Number(new URL(addresses[to]).port);
    const proxy = await FaultProxy.start({
      name: `link to ${to}`,
      port,
      random,
      tell,
      ...(host !== undefined && { host }),
    });
    this.proxies.push(proxy);
    return proxy;
  }

  worker({ variables = {}, links = {}, isMute = false, prefix = [] }: ProcessOptions = {}): Promise<Child> {
    const { lock } = this.profile;
    const env = {
      ...this.linked(links),
      LEDGER_URL: links.tools?.through(urlOf(this.ledger)) ?? urlOf(this.ledger),
      OPENAI_BASE_URL: links.model?.through(urlOf(this.model)) ?? urlOf(this.model),
      ...(isMute && { CHAOS_MUTE: '1' }),
      ...(lock && { CHAOS_LOCK: `${lock.lockMs}:${lock.stalledMs}` }),
      ...variables,
    };
    return this.begin('worker', env, { isMute, prefix });
  }

  api({ variables = {}, links = {} }: ProcessOptions = {}): Promise<Child> {
    return this.begin('api', { ...this.linked(links), ...variables });
  }

  /** What was asked of the ledger, and what of it was done. */
  async effects(): Promise<LedgerCall[]> {
    const answer = await fetch(`${urlOf(this.ledger)}/effects`);
    return ((await answer.json()) as { effects: LedgerCall[] }).effects;
  }

  async setLedger(rule: ModeRule): Promise<void> {
    await fetch(`${urlOf(this.ledger)}/modes`, { method: 'POST', body: JSON.stringify(rule) });
  }

  async setModel(model: string, script: ModelScript): Promise<void> {
    const url = new URL('/modes', urlOf(this.model));
    await fetch(url, { method: 'POST', body: JSON.stringify({ model, ...script }) });
  }

  /** When the model was asked, by run, in milliseconds of its clock. */
  async modelCalls(): Promise<Readonly<Record<string, number[]>>> {
    const answer = await fetch(new URL('/calls', urlOf(this.model)));
    return ((await answer.json()) as { runs: Record<string, number[]> }).runs;
  }

  /** Remembers what everybody holds who is there and warm: after the scenario it may not be more. */
  async rest(): Promise<void> {
    const ours = this.children.filter(({ isRunning, name }) => isRunning && /^(worker|api)/.test(name));
    for (const child of ours) this.rests.set(child, await child.rest());
  }

  /** Ends workers and apis as an operator would; answers how each ended. */
  async stop(): Promise<ReadonlyArray<{ readonly name: string; readonly exitCode: number | null }>> {
    const ours = this.children.filter(({ isRunning, name }) => isRunning && /^(worker|api)/.test(name));
    const ended = await Promise.all(
      ours.map(async (child) => ({ name: child.name, exitCode: await child.end('SIGTERM') })),
    );
    return ended;
  }

  async dispose(): Promise<void> {
    await Promise.all(this.children.map((child) => child.end('SIGKILL')));
    for (const proxy of this.proxies) proxy.close();
    await this.world.close();
  }

  private linked({ store, redis }: Links): Record<string, string> {
    const { MONGODB_URI = '', REDIS_URL = '' } = this.variables;
    return {
      ...this.variables,
      ...(store && { MONGODB_URI: store.through(MONGODB_URI) }),
      ...(redis && { REDIS_URL: redis.through(REDIS_URL) }),
    };
  }

  private async begin(
    kind: 'worker' | 'api',
    env: Record<string, string>,
    { isMute = false, prefix = [] }: Pick<ProcessOptions, 'isMute' | 'prefix'> = {},
  ): Promise<Child> {
    const ours = [...prefix, ...typeScript(join(FOLDER, 'processes', `${kind}.main.ts`))];
    const command = isMute ? ['sh', '-c', 'exec "$@" > /dev/full', 'sh', ...ours] : ours;
    this.count += 1;
    const name = `${kind}-${this.count}`;
    const log = join(this.folder, `${name}.log`);
    const child = await Child.start({ name, command, env, log, ...(!isMute && { isReady: IS_READY[kind] }) });
    this.children.push(child);
    return child;
  }

  private async helper(name: string, [file = '', ...args]: readonly string[]): Promise<Child> {
    const log = join(this.folder, `${name}.log`);
    const child = await Child.start({ name, command: typeScript(file, ...args), log, isReady: ({ url }) => !!url });
    this.children.push(child);
    return child;
  }
}

function urlOf(child: Child | undefined): string {
  const { url } = child?.lines.find((line) => line['url'] !== undefined) ?? {};
  return String(url);
}

/** The names under which a worker took runs so far. */
export const namesOf = (worker: Child): string[] =>
  worker.lines.flatMap(({ chaosWorker }) => (typeof chaosWorker === 'string' ? [chaosWorker] : []));
