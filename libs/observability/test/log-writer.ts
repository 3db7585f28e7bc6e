import { writeSync } from 'node:fs';
import { createLogger } from '@flowmate/observability';

const STDERR = 2;

/** A process that logs as many lines as it is told, and tells on standard error what became of them. */
const [mode = '', count = '0'] = process.argv.slice(2);
const logger = createLogger({ level: 'info', format: 'json', service: 'api', environment: 'test' });

for (let line = 1; line <= Number(count); line += 1) logger.info('line', { count: line });

if (mode === 'exit') process.exit(0);
if (mode === 'flush') {
  const flushed = await logger.flush();
  writeSync(STDERR, JSON.stringify({ flushed, dropped: logger.dropped() }));
  if (flushed) process.exit(0);
  process.kill(process.pid, 'SIGKILL');
}
