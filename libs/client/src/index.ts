export {
  getApiHealth,
  getApiReady,
  getCpuProfile,
  getHealth,
  getHealthDetails,
  getHeapSnapshot,
  getLiveness,
  getMetrics,
  getReadiness,
  getReady,
  getWelcome,
} from './generated/sdk.gen.js';
export { createClient, type Client, type Config as ClientConfig } from './generated/client/index.js';
export type {
  ComponentReportResponse,
  ComponentStatusResponse,
  HealthDetailsResponse,
  HealthResponse,
  InputIssueResponse,
  ProblemResponse,
  ReadinessResponse,
  WelcomeLinksResponse,
  WelcomeResponse,
} from './generated/types.gen.js';
