import { trusted, type QueryFilter } from 'mongoose';
import type { Database } from '../connection/database.js';
import { SystemDocuments } from '../documents/documents.js';
import { OIDC_FLOWS, type OidcFlowDocument } from './oidc-flow.schema.js';

export interface OidcFlow {
  readonly stateHash: string;
  readonly sealed: string;
  readonly bindingHash: string;
  readonly redirectTo: string;
  readonly expiresAt: Date;
}

/** Sign-ins that are under way: whoever comes back is not known yet, so no method takes an owner. */
export class OidcFlowRepository {
  private readonly documents: SystemDocuments<OidcFlowDocument>;

  constructor(database: Database) {
    this.documents = new SystemDocuments(database, OIDC_FLOWS);
  }

  async create({ stateHash, ...flow }: OidcFlow): Promise<void> {
    await this.documents.insert({ _id: stateHash, schemaVersion: 1, ...flow });
  }

  /** Only in the browser that began it, in time, and for the one who comes first. */
  async take(stateHash: string, bindingHash: string, now: Date): Promise<OidcFlow | null> {
    const filter = {
      _id: stateHash,
      bindingHash,
      expiresAt: trusted({ $gt: now }),
    } as QueryFilter<OidcFlowDocument>;
    const found = await this.documents.findOne(filter);
    if (!found || !(await this.documents.delete({ _id: stateHash }))) return null;
    const { _id, schemaVersion, ...flow } = found;
    return { stateHash: _id, ...flow };
  }
}
