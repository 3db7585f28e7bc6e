import { DomainError } from '@flowmate/domain';
import type { ReadinessReport } from './report.js';

/** Readiness when it is red. The status is for load balancers, the components are for people. */
export class NotReadyError extends DomainError {
  readonly kind = 'unavailable';
  readonly code = 'not_ready';

  constructor(readonly report: ReadinessReport) {
    super('This process cannot serve at the moment.', { components: report.components });
  }
}
