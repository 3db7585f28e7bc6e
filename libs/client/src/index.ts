export { getCpuProfile, getHealth, getHeapSnapshot, getLiveness, getMetrics, getWelcome } from './generated/sdk.gen.js';
export { createClient, type Client, type Config as ClientConfig } from './generated/client/index.js';
export type {
  HealthResponse,
  InputIssueResponse,
  ProblemResponse,
  WelcomeLinksResponse,
  WelcomeResponse,
} from './generated/types.gen.js';
