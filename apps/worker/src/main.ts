import { runProcess } from '@flowmate/lifecycle';
import { startWorker } from './start.js';

await runProcess({ name: 'worker', start: startWorker, settingOfPort: () => 'WORKER_PORT' });
