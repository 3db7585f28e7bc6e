import { once } from 'node:events';
import { pipeline } from 'node:stream/promises';
import { Profiler } from '../src/profiling.js';

/** A process with a heap of its own: `whole` writes its snapshot, `leave` hangs up on one and profiles next. */
const [mode = ''] = process.argv.slice(2);
const profiler = new Profiler();

if (mode === 'whole') await pipeline(profiler.heapSnapshot(), process.stdout);
if (mode === 'leave') {
  const snapshot = profiler.heapSnapshot();
  snapshot.destroy();
  await once(snapshot, 'close');
  process.stdout.write(await profiler.cpuProfile(1));
}
