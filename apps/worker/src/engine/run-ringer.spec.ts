import type { RunToRing, RunWatch } from '@flowmate/database';
import { RunRinger } from './run-ringer.js';

const WORKSPACE = 'w';

/** A store of runs that are held back, in which every question takes a turn. */
class Held {
  readonly rung: string[] = [];
  looks = 0;
  private ids: readonly string[];

  constructor(
    count: number,
    public inFlight: number,
  ) {
    this.ids = Array.from({ length: count }, (_, at) => `r${at}`);
  }

  readonly watch = {
    inFlight: async (_: string, limit: number) => {
      if (limit < 1) throw new Error('the limit must be positive');
      this.looks += 1;
      await Promise.resolve();
      return Math.min(this.inFlight, limit);
    },
    nextHeld: async (_: string, limit: number) => {
      await Promise.resolve();
      return this.ids.slice(0, limit).map((id) => ({ id, seq: 1, epoch: 0, owner: null, workspaceId: WORKSPACE }));
    },
    markRung: async ({ id }: RunToRing) => {
      await Promise.resolve();
      this.ids = this.ids.filter((one) => one !== id);
      this.inFlight += 1;
      return true;
    },
  } as unknown as RunWatch;

  ringer(slots: number): RunRinger {
    return new RunRinger({
      watch: this.watch,
      slotsOf: () => Promise.resolve(slots),
      producer: {
        add: (_job, { payload }) => {
          this.rung.push((payload as { runId: string }).runId);
          return Promise.resolve();
        },
      },
    });
  }
}

describe('the bells of runs that were held back', () => {
  it('are rung for all places that are free, not only for the one that was heard of', async () => {
    const held = new Held(50, 10);
    await held.ringer(30).freed(WORKSPACE);
    expect(held.rung).toHaveLength(20);
    expect(held.rung[0]).toBe('r0');
  });

  it('are not rung for a workspace that is gone, which keeps nobody from looking at the next one', async () => {
    const held = new Held(50, 0);
    await expect(held.ringer(0).fill(WORKSPACE, 100)).resolves.toBe(0);
    expect(held.rung).toEqual([]);
  });

  it('are rung for places that become free while others are being filled, with one look more', async () => {
    const held = new Held(50, 30);
    const ringer = held.ringer(30);
    const first = ringer.freed(WORKSPACE);
    for (let at = 0; at < 10; at += 1) {
      held.inFlight -= 1;
      await Promise.resolve();
      await ringer.freed(WORKSPACE);
    }
    await first;
    expect(held.rung).toHaveLength(10);
    expect(held.inFlight).toBe(30);
  });

  it('are rung at once after a moment in which there was no place at all', async () => {
    const held = new Held(5, 30);
    const ringer = held.ringer(30);
    await ringer.freed(WORKSPACE);
    expect(held.rung).toEqual([]);
    held.inFlight = 29;
    await ringer.freed(WORKSPACE);
    expect(held.rung).toEqual(['r0']);
  });

  it('cost nothing for a second where nothing was held back', async () => {
    const held = new Held(0, 3);
    const ringer = held.ringer(30);
    for (let at = 0; at < 100; at += 1) await ringer.freed(WORKSPACE);
    expect(held.looks).toBe(1);
  });
});
