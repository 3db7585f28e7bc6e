import { MIGRATION_STEP_MS } from '../connection/client-options.js';
import type { Migration } from './migration.js';

const LIMIT = { maxTimeMS: MIGRATION_STEP_MS } as const;

export const invites: Migration = {
  id: '0005',
  name: 'invites',
  async up(db) {
    const found = db.collection('invites');
    await found.createIndex({ workspaceId: 1, email: 1 }, { unique: true, ...LIMIT });
    await found.createIndex({ tokenHash: 1 }, { unique: true, ...LIMIT });
    await found.createIndex({ email: 1 }, LIMIT);
    await found.createIndex({ expiresAt: 1 }, { expireAfterSeconds: 0, ...LIMIT });
    // For the erasure of a person.
    await db.collection('outbox').createIndex({ to: 1 }, LIMIT);
    await db.collection('sign_in_links').createIndex({ email: 1 }, LIMIT);
  },
};
