export type { Agent, AgentDefinition, AgentLimits, AgentModel, AgentVersion, ToolPolicy } from './agent/agent.js';
export { outputSchemaIssues } from './agent/output-schema.js';
export { outputProblems } from './agent/output-value.js';
export {
  AUDIT_ACTIONS,
  AUDIT_ACTORS,
  AUDIT_OUTCOMES,
  INSTANCE_TRAIL,
  type AuditAction,
  type AuditEntry,
  type AuditTrail,
} from './audit/audit-entry.js';
export { countedAddress } from './counted-address.js';
export { ERROR_KINDS, type ErrorKind } from './errors/error-kind.js';
export { DomainError, type DomainErrorOptions } from './errors/domain-error.js';
export { InvalidInputError, type InputIssue } from './errors/invalid-input.error.js';
export { ResourceNotFoundError } from './errors/resource-not-found.error.js';
export { emailAddress } from './identity/email-address.js';
export { ID_PATTERN, newId } from './identity/id.js';
export {
  ALL_PERMISSIONS,
  KEY_ROLES,
  MEMBER_ROLES,
  PERMISSIONS,
  PERSON_ROLES,
  permissionsOf,
  permissionsOfKey,
  permissionsOfMember,
  ROLES,
  type KeyRole,
  type MemberRole,
  type Permission,
  type PersonRole,
  type Role,
} from './identity/permission.js';
export { permissionsPage } from './identity/permissions-page.js';
export type { AgentPrincipal, KeyPrincipal, Principal, UserPrincipal } from './identity/principal.js';
export { admits, type SignUpPolicy } from './identity/sign-up-policy.js';
export { TIER_LIMITS, TIERS, type Tier, type TierLimits } from './identity/tier.js';
export type { Json, JsonSchema } from './json.js';
export {
  addUsage,
  FINISHES,
  NO_USAGE,
  type Finish,
  type ModelAnswer,
  type ToolCall,
  type Usage,
} from './model/model-answer.js';
export type { OwnerScope } from './owner-scope.js';
export { fold, foldEntry } from './run/fold.js';
export {
  ENTRY_TYPES,
  numbered,
  RESUME_CAUSES,
  SOURCE_LABELS,
  type Content,
  type Decider,
  type EntryData,
  type EntryType,
  type JournalEntry,
  type NewEntry,
  type ProposedCall,
  type ResumeCause,
  type SourceLabel,
} from './run/journal-entry.js';
export { MAX_CRASHES, nextMove, type CallMove, type Move } from './run/next-move.js';
export { LONGEST_SLEEP_MS, retryDelayMs } from './run/retry-policy.js';
export { headOf, type RunHead } from './run/run-head.js';
export { JOURNAL_VERSION, type Run, type RunOrigin, type RunPlace } from './run/run.js';
export {
  isParallel,
  NO_RUN,
  undecidedOf,
  type AnswerState,
  type CallState,
  type Effect,
  type OpenModelCall,
  type RunState,
} from './run/run-state.js';
export {
  isTerminal,
  OPEN_STATUSES,
  RUN_KINDS,
  RUN_STATUSES,
  RUN_TRIGGERS,
  TERMINAL_STATUSES,
  WAIT_REASONS,
  type RunKind,
  type RunStatus,
  type RunTrigger,
  type WaitReason,
} from './run/run-status.js';
export { isEnd, isResult, statusAfter } from './run/transitions.js';
export {
  defaultPolicy,
  IDEMPOTENCY_CLASSES,
  POLICIES,
  POLICY_RULES,
  RISKS,
  type IdempotencyClass,
  type Policy,
  type PolicyRule,
  type Risk,
} from './tool/tool-traits.js';
export { VERSION } from './version.js';
