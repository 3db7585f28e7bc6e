import { MIGRATION_STEP_MS } from '../connection/client-options.js';
import type { Migration } from './migration.js';

/** Mails that are to go out, and the links that some of them carry. */
export const mail: Migration = {
  id: '0003',
  name: 'mail',
  async up(db) {
    const options = { maxTimeMS: MIGRATION_STEP_MS };
    await db.collection('outbox').createIndex({ status: 1, dueAt: 1 }, options);
    await db.collection('outbox').createIndex({ createdAt: -1 }, options);
    await db.collection('outbox').createIndex({ expiresAt: 1 }, { ...options, expireAfterSeconds: 0 });
    await db.collection('sign_in_links').createIndex({ tokenHash: 1 }, { ...options, unique: true });
    await db.collection('sign_in_links').createIndex({ removeAt: 1 }, { ...options, expireAfterSeconds: 0 });
  },
};
