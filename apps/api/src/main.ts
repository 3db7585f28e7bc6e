import { runProcess } from '@flowmate/lifecycle';
import { settingOfPort, startApi } from './start.js';

await runProcess({ name: 'api', start: startApi, settingOfPort });
