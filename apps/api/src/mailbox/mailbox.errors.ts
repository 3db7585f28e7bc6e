import { DomainError } from '@flowmate/domain';

/** The mailbox signs in whoever can read it. */
export class LocalOnlyError extends DomainError {
  readonly kind = 'forbidden';
  readonly code = 'local_only';

  constructor() {
    super(
      'This is only for the machine that FlowMate runs on, because it lets people sign in as anybody. From elsewhere, forward the port: ssh -L 9000:127.0.0.1:9000 <machine>.',
    );
  }
}
