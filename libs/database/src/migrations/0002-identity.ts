import { MIGRATION_STEP_MS } from '../connection/client-options.js';
import type { Migration } from './migration.js';

const LIMIT = { maxTimeMS: MIGRATION_STEP_MS } as const;

export const identity: Migration = {
  id: '0002',
  name: 'identity',
  async up(db) {
    const deleted = { partialFilterExpression: { deletedAt: { $exists: true } }, ...LIMIT };
    const users = db.collection('users');
    await users.createIndex({ email: 1 }, { unique: true, ...LIMIT });
    await users.createIndex(
      { 'identities.issuer': 1, 'identities.subject': 1 },
      { unique: true, partialFilterExpression: { 'identities.subject': { $exists: true } }, ...LIMIT },
    );
    await users.createIndex({ role: 1, _id: 1 }, LIMIT);
    await users.createIndex({ deletedAt: 1 }, deleted);
    await db.collection('workspaces').createIndex({ deletedAt: 1 }, deleted);
    const memberships = db.collection('memberships');
    await memberships.createIndex({ workspaceId: 1, _id: 1 }, LIMIT);
    await memberships.createIndex({ userId: 1, _id: 1 }, LIMIT);
    const sessions = db.collection('sessions');
    await sessions.createIndex({ userId: 1, _id: 1 }, LIMIT);
    await sessions.createIndex({ expiresAt: 1 }, { expireAfterSeconds: 0, ...LIMIT });
    const keys = db.collection('api_keys');
    await keys.createIndex({ hash: 1 }, { unique: true, ...LIMIT });
    await keys.createIndex({ workspaceId: 1, _id: 1 }, LIMIT);
    await keys.createIndex({ ownerId: 1 }, LIMIT);
    await db.collection('stream_tickets').createIndex({ expiresAt: 1 }, { expireAfterSeconds: 0, ...LIMIT });
  },
};
