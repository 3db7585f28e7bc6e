import { runProcess } from '@flowmate/lifecycle';
import { ApiProcess } from './api.process.js';

const api = new ApiProcess();
await runProcess({ name: 'api', start: () => api.start(), settingOfPort: (port) => api.settingOfPort(port) });
