import type { AuditEntryDocument, AuditFilter, AuditRepository } from '@flowmate/database';
import { INSTANCE_TRAIL, ResourceNotFoundError, type OwnerScope } from '@flowmate/domain';

/** An entry as it is shown. */
export type AuditRecord = Omit<AuditEntryDocument, '_id' | 'schemaVersion' | 'keyId' | 'previous'>;

export interface AuditQuery extends AuditFilter {
  /** Only entries before this place: `next` of the page before. */
  readonly beforeSeq?: number | undefined;
  readonly limit: number;
}

export interface AuditPage {
  /** Newest first. */
  readonly entries: readonly AuditRecord[];
  /** Where the next page begins; absent on the last one. */
  readonly next?: number;
}

/** Shows trails, a page at a time. */
export class AuditReader {
  constructor(private readonly repository: AuditRepository) {}

  /** The trail of a workspace. */
  async list({ workspaceId }: OwnerScope, query: AuditQuery): Promise<AuditPage> {
    if (workspaceId === INSTANCE_TRAIL) throw new ResourceNotFoundError();
    return this.page(workspaceId, query);
  }

  /** What belongs to no workspace. Only for whoever may see the whole instance. */
  listInstance(query: AuditQuery): Promise<AuditPage> {
    return this.page(INSTANCE_TRAIL, query);
  }

  private async page(trail: string, { beforeSeq, limit, ...filter }: AuditQuery): Promise<AuditPage> {
    // One more than asked for tells whether there is a next page.
    const found = await this.repository.page(trail, filter, { beforeSeq, limit: limit + 1 });
    const entries = found.slice(0, limit).map(shown);
    const next = found.length > limit ? entries.at(-1)?.seq : undefined;
    return { entries, ...(next !== undefined && { next }) };
  }
}

function shown({ _id, schemaVersion, keyId, previous, ...record }: AuditEntryDocument): AuditRecord {
  return record;
}
