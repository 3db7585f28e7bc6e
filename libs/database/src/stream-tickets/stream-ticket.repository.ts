import type { OwnerScope } from '@flowmate/domain';
import { trusted, type QueryFilter } from 'mongoose';
import type { Database } from '../connection/database.js';
import { SystemDocuments } from '../documents/documents.js';
import { OwnedDocuments } from '../documents/owned-documents.js';
import { STREAM_TICKETS, type StreamTicketDocument } from './stream-ticket.schema.js';

export type StreamTicket = Pick<StreamTicketDocument, 'workspaceId' | 'bearer' | 'path'>;

export class StreamTicketRepository {
  private readonly documents: OwnedDocuments<StreamTicketDocument>;
  private readonly ofAllWorkspaces: SystemDocuments<StreamTicketDocument>;

  constructor(database: Database) {
    this.documents = new OwnedDocuments(database, STREAM_TICKETS);
    this.ofAllWorkspaces = new SystemDocuments(database, STREAM_TICKETS);
  }

  async create(
    owner: OwnerScope,
    ticket: { hash: string; bearer: StreamTicket['bearer']; path: string; expiresAt: Date },
  ): Promise<void> {
    const { hash, ...rest } = ticket;
    await this.documents.insert(owner, { _id: hash, schemaVersion: 1, ...rest });
  }

  /** Uses it up, for the one who comes first. By what the caller proves to hold, before anything of him is known. */
  redeemUnscoped(hash: string, path: string, now: Date): Promise<StreamTicket | null> {
    const filter = {
      _id: hash,
      path,
      usedAt: trusted({ $exists: false }),
      expiresAt: trusted({ $gt: now }),
    } as QueryFilter<StreamTicketDocument>;
    return this.ofAllWorkspaces.change(filter, { $set: { usedAt: now } });
  }
}
