export { canaryHealth, type CanarySighting } from './canary/canary-health.js';
export { CANARY_JOB, JOB_CATALOG, MAIL_DISPATCH_JOB, RUN_JOB } from './catalog/job-catalog.js';
export type { AnyJob, JobDefinition } from './catalog/job-definition.js';
export { ConsumerHealth, type ConsumerHealthParts, type WedgeLimits } from './consumers/consumer-health.js';
export { JobConsumers, type JobConsumersParts, type QueueTimings } from './consumers/job-consumers.js';
export { handle, JobWiringError, type JobHandler } from './consumers/job-handler.js';
export type { ConsumerActivity } from './consumers/queue-activity.js';
export { JobProducer, type NewJob } from './producer/job-producer.js';
export { QueueDepths } from './producer/queue-depths.js';
