import { Worker } from 'bullmq';

/** Short, so that its job is free soon after it was killed. */
const LOCK_MS = 400;

const [name = ''] = process.argv.slice(2);
const connection = { url: process.env['REDIS_URL'] ?? '', maxRetriesPerRequest: null };

/** Takes one job, says so, and never ends. */
const worker = new Worker(
  name,
  () => {
    process.stdout.write('taken\n');
    return new Promise(() => undefined);
  },
  { connection, lockDuration: LOCK_MS, stalledInterval: LOCK_MS },
);
await worker.waitUntilReady();
