export type { ProcessLog, Running } from './ports.js';
export { runProcess, type ProcessOptions } from './run-process.js';
export { stopInOrder, type StopStep } from './stop-in-order.js';
