import fc from 'fast-check';
import {
  fold,
  headOf,
  isTerminal,
  LONGEST_SLEEP_MS,
  MAX_CRASHES,
  numbered,
  undecidedOf,
  type NewEntry,
} from '../index.js';
import { RunWorld, type Chance } from '../../test/run-world.js';
import { SimWorker, type Script } from '../../test/sim-worker.js';

/** Each is a few hundred things that happen to one run. */
/** A failure prints its own; this one makes every run of the tests the same. */
const SEED = 20_261_121;
const CASES = 20_000;
/** A run of any script is over long before, once nothing unusual happens any more. */
const MAX_TICKS = 3_000;

const BY = { kind: 'user', id: 'u' } as const;

/** The people behind the api: each decision is an append to the journal as it was read. */
class People {
  readonly decided = new Set<number>();

  constructor(private readonly world: RunWorld) {}

  cancel(): void {
    const { run, state } = this.world;
    if (isTerminal(state.status)) return;
    const asked: NewEntry[] = state.isCancelRequested ? [] : [{ type: 'run.cancel_requested', data: { by: BY } }];
    const ended: NewEntry = { type: 'run.cancelled', data: { by: BY, undecided: undecidedOf(state) } };
    this.append(run.owner !== null || state.status === 'running' ? asked : [...asked, ended]);
  }

  review(decision: 'done' | 'again'): void {
    const intent = this.world.state.openReviews[0];
    if (intent === undefined) return;
    this.decided.add(intent);
    if (decision === 'again') this.world.allowAgain(intent);
    this.append([{ type: 'review.decided', data: { intent, decision, by: BY, result: null } }]);
  }

  private append(entries: readonly NewEntry[]): void {
    const { run, state, now } = this.world;
    const written = numbered(entries, { seq: run.seq, at: now, epoch: run.epoch, batch: 'api' });
    const after = fold(written, state);
    const isOver = isTerminal(after.status);
    this.world.append(run, written, {
      head: headOf(after),
      wakeAt: isOver ? null : now,
      ...(isOver && { owner: null }),
    });
  }
}

interface Lived {
  readonly world: RunWorld;
  readonly people: People;
}

/** What can happen; by far the most likely is that a worker does its next thing. */
function happen({ world, people }: Lived, worker: SimWorker, chance: Chance): void {
  switch (chance(16)) {
    case 1:
      return worker.die();
    case 2:
      // Frozen for longer than its lease: others judge it gone, and it goes on later without knowing.
      world.alive.delete(worker.id);
      return undefined;
    case 3:
      return chance(4) === 1 ? people.cancel() : undefined;
    case 4:
      return people.review(chance(2) === 1 ? 'again' : 'done');
    case 5:
      worker.isLeaving = true;
      return undefined;
    case 6:
      return worker.attend();
    case 7:
      return world.pass(chance(LONGEST_SLEEP_MS * 2));
    default:
      return worker.tick();
  }
}

function live(script: Script, tape: readonly number[]): Lived {
  const chance = tapeOf(tape);
  const world = new RunWorld(chance);
  const lived = { world, people: new People(world) };
  const accepted = numbered([{ type: 'run.queued', data: { reason: 'accepted', position: 0, unsent: [] } }], {
    seq: 0,
    at: 0,
    epoch: 0,
    batch: 'api',
  });
  world.append({ epoch: 0, seq: 0 }, accepted, { head: headOf(fold(accepted)) });
  let born = 0;
  const newWorker = (): SimWorker => new SimWorker(`w${(born += 1)}`, world, chance, script);
  const workers: SimWorker[] = [newWorker(), newWorker()];
  for (let tick = 0; tick < MAX_TICKS && !isTerminal(world.state.status); tick += 1) {
    const place = chance(workers.length);
    const isCalm = tick > tape.length;
    for (const worker of isCalm ? workers : workers.slice(place, place + 1)) happen(lived, worker, chance);
    if (isCalm) lived.people.review('done');
    if (isCalm) world.pass(LONGEST_SLEEP_MS);
    for (const [index, worker] of workers.entries())
      if (worker.isIdle && (worker.isLeaving || !world.alive.has(worker.id))) workers[index] = newWorker();
  }
  return lived;
}

/** A tape of chance: plain where it ends, so that whatever begins also ends, and shrinks to the few that matter. */
const tapeOf = (tape: readonly number[]): Chance => {
  let at = 0;
  return (below) => {
    const next = tape[at] ?? 0;
    at += 1;
    return next % below;
  };
};

const tool = fc.constantFrom('R', 'A', 'B', 'C', 'unknown' as const);
const script: fc.Arbitrary<Script> = fc.array(fc.array(tool, { minLength: 1, maxLength: 4 }), { maxLength: 4 });
const tape = fc.array(fc.nat({ max: 1_000_000 }), { maxLength: 600, size: 'max' });

describe('a run between two workers, an api and a world that fails', () => {
  it('ends once, does nothing twice and knows what it did, whatever is killed when', () => {
    fc.assert(
      fc.property(script, tape, (wanted, chances) => {
        const { world, people } = live(wanted, chances);
        if (!isTerminal(world.state.status)) throw new Error(`a run did not end:\n${world.story}`);
        world.checkHonesty(people.decided);
        expect(world.state.end).not.toBeNull();
      }),
      { numRuns: CASES, seed: SEED },
    );
  });

  it('counts a crash for each takeover without a result since the claim before, and gives up at the third', () => {
    fc.assert(
      fc.property(script, tape, (wanted, chances) => {
        const { world } = live(wanted, chances);
        let [crashes, hasResult] = [0, false];
        for (const { type, data } of world.run.journal) {
          const isTakeover = type === 'run.resumed' && data.cause === 'takeover';
          if (isTakeover) crashes = hasResult ? 0 : crashes + 1;
          if (type === 'run.started' || type === 'run.resumed') hasResult = false;
          const isResult = ['model.answered', 'tool.succeeded', 'tool.failed'].includes(type);
          if (isResult) [crashes, hasResult] = [0, true];
        }
        expect(world.state.crashes).toBe(crashes);
        expect(world.state.end?.code === 'run_crash_loop').toBe(
          crashes >= MAX_CRASHES && world.state.status === 'failed',
        );
      }),
      { numRuns: CASES / 10, seed: SEED },
    );
  });
});
