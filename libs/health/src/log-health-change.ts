import type { HealthChange } from './health-monitor.js';

/** The part of a logger that is used; that of `@flowmate/observability` has it. */
interface ChangeLog {
  info(message: string, fields?: { readonly component: string }): void;
  warn(message: string, fields?: { readonly component: string; readonly reason?: string }): void;
}

/** One line when a component goes, one when it is back. */
export const logHealthChange =
  (log: ChangeLog) =>
  ({ component, isUp, reason }: HealthChange): void => {
    if (isUp) log.info(`${component} is up`, { component });
    else log.warn(`${component} is down`, { component, ...(reason !== undefined && { reason }) });
  };
