export { AccountService, type AccountParts, type ProvenPerson } from './accounts/account.service.js';
export { PeopleService, type PeopleParts, type PersonChange } from './accounts/people.service.js';
export { Callers, type CallerParts, type SessionClaims } from './callers/callers.js';
export { systemClock, type Clock } from './clock.js';
export {
  AccountDisabledError,
  ApiKeyInvalidError,
  ForbiddenScopeError,
  InstanceLockedError,
  LastAdminError,
  QuotaExceededError,
  RefreshInvalidError,
  RefreshRaceError,
  RefreshReusedError,
  SignUpClosedError,
} from './identity.errors.js';
export { Lockdown } from './instance/lockdown.js';
export {
  API_KEY_PATTERN,
  ApiKeyService,
  scopesOf,
  type ApiKeyParts,
  type MadeApiKey,
  type NewApiKey,
} from './keys/api-key.service.js';
export type { Device } from './sessions/device.js';
export { RefreshTokens } from './sessions/refresh-token.js';
export { SESSION_MS, SessionService, type OpenedSession, type SessionParts } from './sessions/session.service.js';
export { StreamTicketService, TicketInvalidError } from './tickets/stream-ticket.service.js';
