export type { HeadBell, TextBell, WorkerBell } from './bells.js';
export { Channels, type Subscription } from './channels.js';
export { RunBells, type RunListener } from './run-bells.js';
export { RunPublisher } from './run-publisher.js';
export { encodeEvent, encodeHeartbeat, encodeRetry, type StreamEvent } from './sse.js';
export { WorkerEars } from './worker-ears.js';
