export { AuditChain } from './audit-chain.js';
export { AuditLog, type AuditLogParts } from './audit-log.js';
export { AuditReader, type AuditPage, type AuditQuery, type AuditRecord } from './audit-reader.js';
export { AuditRetention, type TrailCut } from './audit-retention.js';
export { auditStream, type AuditLine, type AuditSink } from './audit-sink.js';
export { RunAuditor, type RunAuditorParts } from './runs/run-auditor.js';
export { AuditVerifier, type AuditProblem, type AuditVerdict } from './audit-verifier.js';
