import { Injectable, type StreamableFile } from '@nestjs/common';
import { AuditLog } from '@flowmate/audit';
import { INSTANCE_TRAIL, type Principal } from '@flowmate/domain';
import { DataExport } from '@flowmate/identity';
import { byPrincipal } from '../auth/by.js';
import type { HttpRequest } from '../http/http.types.js';
import { exportFile } from './export-file.js';

/** Files of everything that is kept about a person or of a workspace. Who took one is in the audit trail. */
@Injectable()
export class Exports {
  constructor(
    private readonly data: DataExport,
    private readonly audit: AuditLog,
  ) {}

  async ofAccount(caller: Principal, request: HttpRequest): Promise<StreamableFile> {
    const target = { kind: 'user', id: caller.userId };
    const by = byPrincipal(caller, request);
    await this.audit.record({ trail: INSTANCE_TRAIL, action: 'account.exported', outcome: 'done', ...by, target });
    return exportFile('account', this.data.ofAccount(caller.userId));
  }

  async ofWorkspace(caller: Principal, request: HttpRequest): Promise<StreamableFile> {
    const { workspaceId: trail } = caller;
    const target = { kind: 'workspace', id: trail };
    const by = byPrincipal(caller, request);
    await this.audit.record({ trail, action: 'workspace.exported', outcome: 'done', ...by, target });
    return exportFile('workspace', this.data.ofWorkspace(caller));
  }
}
