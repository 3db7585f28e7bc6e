export type { HealthComponent, HealthFacts } from './component.js';
export { HealthMonitor, type HealthChange, type HealthMonitorOptions } from './health-monitor.js';
export { logHealthChange } from './log-health-change.js';
export type { HealthLimits } from './limits.js';
export { NotReadyError } from './not-ready.error.js';
export type { ComponentReport, ComponentStatus, DetailedReport, Readiness, ReadinessReport } from './report.js';
