export { checkUrl, trustedOrigins, type UrlPolicy } from './check-url.js';
export type { Dial, DialTarget } from './dial.js';
export { EgressClient, type EgressEvent, type EgressOptions, type EgressRequest } from './egress.client.js';
export {
  EgressAbortedError,
  EgressError,
  EgressInterruptedError,
  type EgressPhase,
  EgressTimeoutError,
  EgressUnreachableError,
  RequestNotAllowedError,
  type RequestRefusal,
  ResponseMalformedError,
  ResponseTooLargeError,
  UrlNotAllowedError,
  type UrlRefusal,
} from './egress.errors.js';
export { egressFromEnv, type EgressSetup } from './egress-from-env.js';
export type { Fetch } from './egress-fetch.js';
export { EgressResponse } from './egress-response.js';
export type { CallLimits, EgressLimits } from './limits.js';
export type { EgressMethod } from './outgoing-headers.js';
export type { NameSource, Resolve } from './resolver.js';
