import { Injectable } from '@nestjs/common';
import { AuditLog } from '@flowmate/audit';
import { INSTANCE_TRAIL } from '@flowmate/domain';
import type { Device } from '@flowmate/identity';
import { Logger } from '@flowmate/observability';

/** What anybody can cause as often as he likes: recorded in samples, and nobody waits for it. */
@Injectable()
export class SignInTrail {
  constructor(
    private readonly audit: AuditLog,
    private readonly logger: Logger,
  ) {}

  requested(from: Device): void {
    this.note({ action: 'auth.link_requested', outcome: 'done', from });
  }

  failed(from: Device): void {
    this.note({ action: 'auth.sign_in_failed', outcome: 'refused', from });
  }

  private note(entry: {
    readonly action: 'auth.link_requested' | 'auth.sign_in_failed';
    readonly outcome: 'done' | 'refused';
    readonly from: Device;
  }): void {
    void this.audit
      .recordSometimes({ trail: INSTANCE_TRAIL, actor: { kind: 'anonymous' }, ...entry })
      .catch((error: unknown) => this.logger.error('a sign-in could not be recorded', error));
  }
}
