import { Injectable } from '@nestjs/common';
import { AuditReader, type AuditPage, type AuditQuery } from '@flowmate/audit';
import type { Principal } from '@flowmate/domain';
import { ForbiddenRoleError } from '../auth/auth.errors.js';

/** Whose trail somebody may read: that of his workspace, and an administrator that of the instance. */
@Injectable()
export class AuditService {
  constructor(private readonly reader: AuditReader) {}

  async list(principal: Principal, trail: 'workspace' | 'instance', query: AuditQuery): Promise<AuditPage> {
    if (trail === 'workspace') return this.reader.list(principal, query);
    if (!principal.permissions.has('instance:read')) throw new ForbiddenRoleError();
    return this.reader.listInstance(query);
  }
}
