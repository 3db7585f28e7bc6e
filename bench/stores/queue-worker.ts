import { Worker } from 'bullmq';

/** Does nothing with as many jobs as there are, in a process of its own, and says when the last is done. */
const [, , uri = '', queue = '', jobs = '0', concurrency = '1'] = process.argv;
const { hostname, port, password } = new URL(uri);
const connection = { host: hostname, port: Number(port), password, maxRetriesPerRequest: null };
let done = 0;
const worker = new Worker(queue, () => Promise.resolve(), { connection, concurrency: Number(concurrency) });
worker.on('completed', () => {
  done += 1;
  if (done === Number(jobs)) process.send?.('done');
});
await worker.waitUntilReady();
process.send?.('ready');
process.once('disconnect', () => process.exit(0));
