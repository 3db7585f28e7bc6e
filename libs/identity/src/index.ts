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
  OtherIdentityError,
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
export { sessionState, type SessionState } from './sessions/session-state.js';
export { SESSION_MS, SessionService, type OpenedSession, type SessionParts } from './sessions/session.service.js';
export type { WarnPerson } from './warning.js';
export { StreamTicketService, TicketInvalidError } from './tickets/stream-ticket.service.js';
export { AccountDeletion, type AccountDeletionParts } from './erasure/account-deletion.js';
export { DELETED_KEPT_DAYS, DELETED_KEPT_MS } from './erasure/kept.js';
export {
  INVITE_DAYS,
  INVITE_TOKEN_PATTERN,
  InviteService,
  MAX_INVITES,
  type InviteMail,
  type InviteParts,
} from './workspaces/invite.service.js';
export { MAX_MEMBERS, MemberService, type Member, type MemberParts } from './workspaces/member.service.js';
export {
  AlreadyMemberError,
  InviteRaceError,
  LastManagerError,
  PersonalWorkspaceError,
  RoleAboveOwnError,
} from './workspaces/workspace.errors.js';
export { MAX_WORKSPACES, WorkspaceService, type WorkspaceParts } from './workspaces/workspace.service.js';
export { DataExport, type DataExportParts, type ExportedRecord } from './erasure/data-export.js';
export { Erasure, type ErasureParts } from './erasure/erasure.js';
export { retentionPage } from './erasure/retention-page.js';
export { ERASURE_RULES, type ErasureRule } from './erasure/erasure-rules.js';
export { RunRights, type RunRightsParts } from './runs/run-rights.js';
