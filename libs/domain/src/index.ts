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
