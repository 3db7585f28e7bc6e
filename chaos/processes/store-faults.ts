import { DatabaseUnavailableError, PayloadRepository, RunStore, WorkerRepository } from '@flowmate/database';
import { random } from '../faults/random.js';

type Method = (this: unknown, ...args: never[]) => Promise<unknown>;

/** Every write that a worker makes for runs. */
const WRITES: ReadonlyArray<readonly [prototype: object, method: string]> = [
  [RunStore.prototype, 'claim'],
  [RunStore.prototype, 'append'],
  [PayloadRepository.prototype, 'put'],
  [WorkerRepository.prototype, 'beat'],
  [WorkerRepository.prototype, 'register'],
];

/** `rate:seed`: so many of the writes are done, and then nobody hears of it. */
export function failWrites(setting: string): void {
  const [rate = 0, seed = 0] = setting.split(':').map(Number);
  const next = random(seed);
  let failed = 0;
  for (const [prototype, name] of WRITES) {
    const holder = prototype as Record<string, Method>;
    const real = holder[name];
    if (!real) throw new Error(`There is no ${name} any more.`);
    holder[name] = async function (this: unknown, ...args: never[]): Promise<unknown> {
      const answer = await real.apply(this, args);
      if (next() >= rate) return answer;
      failed += 1;
      if (failed % TELL_EVERY === 1) process.stdout.write(`${JSON.stringify({ chaosFaults: failed })}\n`);
      throw new DatabaseUnavailableError(true);
    };
  }
}

/** The harness needs to know that there were some, not each. */
const TELL_EVERY = 10;
