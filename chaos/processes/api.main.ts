import { RunStore, type NewRun } from '@flowmate/database';
import { runProcess } from '@flowmate/lifecycle';
import { JobProducer } from '@flowmate/queue';
import { ApiProcess } from '../../apps/api/src/api.process.js';
import { tellRest } from './tell-rest.js';

/** `before-insert`, `after-insert` or `after-ring`, and the nth time: kills the api there, as a power cut would. */
const [point, nth] = (process.env['CHAOS_API_POINT'] ?? '').split(':');
let left = Number(nth ?? 1);

function pass(here: string): void {
  if (here !== point) return;
  left -= 1;
  if (left === 0) process.kill(process.pid, 'SIGKILL');
}

const { insert } = RunStore.prototype;
RunStore.prototype.insert = async function (this: RunStore, run: NewRun): Promise<'inserted' | 'taken'> {
  pass('before-insert');
  const stored = await insert.call(this, run);
  pass('after-insert');
  return stored;
};

const { add } = JobProducer.prototype;
JobProducer.prototype.add = async function (this: JobProducer, ...all: Parameters<typeof add>): Promise<void> {
  await add.apply(this, all);
  pass('after-ring');
};

tellRest();
const api = new ApiProcess();
await runProcess({ name: 'api', start: () => api.start(), settingOfPort: (port) => api.settingOfPort(port) });
