import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { ModelScript } from '@flowmate/testing';
import { settled } from '../checker/checker.js';
import type { System } from '../system/system.js';
import type { Accepted, Tenant } from '../system/world.js';

type Plan = NonNullable<ModelScript['plan']>;

export const call = (tool: string, args: unknown = { name: randomUUID().slice(0, 8) }): Plan[number][number] => ({
  tool,
  args,
});

/** The load of the reliability table: a read, a keyed write, and one that cannot be repeated. */
export const threeSteps = (): Plan => [[call('ledger.read')], [call('ledger.keyed')], [call('ledger.plain')]];

/** One write that can be found again, between a read and a keyed write. */
export const withMarker = (): Plan => [[call('ledger.read')], [call('ledger.marked')], [call('ledger.keyed')]];

/** What the model does in one run, as the first user message says it. */
export const inputOf = (script: Partial<ModelScript>, run: string = randomUUID()): string =>
  `sim:${JSON.stringify({ run, ...script })} go`;

export interface Target {
  readonly tenant: Tenant;
  readonly agentId: string;
}

const LEDGER_TOOLS = ['read', 'keyed', 'marked', 'plain'].map((kind) => `ledger.${kind}`);

/** A tenant with an agent that has all tools of the ledger, and what it is given besides. */
export async function target(
  { world }: System,
  tools: readonly string[] = [],
  model: string | null = null,
): Promise<Target> {
  const tenant = await world.tenant();
  return { tenant, agentId: await world.agent(tenant, [...LEDGER_TOOLS, ...tools], model) };
}

/** Starts so many at once. */
export const startMany = (
  { world }: System,
  { tenant, agentId }: Target,
  count: number,
  script: (index: number) => Partial<ModelScript>,
): Promise<Accepted[]> =>
  Promise.all(
    Array.from({ length: count }, (_, index) => world.start({ tenant, agentId, input: inputOf(script(index)) })),
  );

/** Enough for everything to have been loaded and compiled, and every connection made. */
const WARM_RUNS = 150;
const WARM_MS = 20_000;

/** Some runs that only read, so that what the processes hold afterwards is what they hold whenever they have nothing to do. */
export async function warmUp(system: System, at: Target): Promise<void> {
  const script = () => ({ plan: [[call('ledger.read')], [call('ledger.read')]], latencyMs: 50 });
  const accepted = await startMany(system, at, WARM_RUNS, script);
  await settled(
    system,
    accepted.map(({ id }) => id),
    WARM_MS,
  );
}

/** Between two looks at how many are open. */
const LOOK_MS = 100;

/** Keeps so many runs open until it is told to stop. Every one that was accepted is in `accepted`. */
export class Feeder {
  readonly accepted: Accepted[] = [];
  private isStopped = false;
  private readonly loop: Promise<void>;

  constructor(
    private readonly system: System,
    private readonly at: Target,
    private readonly open: number,
    private readonly script: (index: number) => Partial<ModelScript>,
  ) {
    this.loop = this.feed();
  }

  get ids(): string[] {
    return this.accepted.map(({ id }) => id);
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    await this.loop;
  }

  private async feed(): Promise<void> {
    const { world } = this.system;
    while (!this.isStopped) {
      const running = await world.watch.openOfAgent(this.at.tenant.workspaceId, this.at.agentId, this.open * 4);
      const wanted = Math.max(0, this.open - running.length);
      const from = this.accepted.length;
      this.accepted.push(...(await startMany(this.system, this.at, wanted, (index) => this.script(from + index))));
      await delay(LOOK_MS);
    }
  }
}
