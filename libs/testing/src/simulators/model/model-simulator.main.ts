import { parseArgs } from 'node:util';
import { ModelSimulator } from './model-simulator.js';

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    'latency-ms': { type: 'string', default: '0' },
    'stream-ms': { type: 'string', default: '0' },
    rounds: { type: 'string', default: '1' },
    'no-record': { type: 'boolean', default: false },
  },
});

async function main(): Promise<void> {
  const simulator = await new ModelSimulator({
    port: Number(values.port),
    isRecording: !values['no-record'],
    defaults: {
      latencyMs: Number(values['latency-ms']),
      streamMs: Number(values['stream-ms']),
      rounds: Number(values.rounds),
    },
  }).start();
  const stop = (): void => void simulator.stop();
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  console.log(JSON.stringify({ url: simulator.url, pid: process.pid }));
}

void main();
