import { MIGRATION_STEP_MS } from '../connection/client-options.js';
import type { Migration } from './migration.js';

/** As long as the schema says; written out, because a migration stays what it was. */
const KEPT_SECONDS = 86_400;

export const canaries: Migration = {
  id: '0001',
  name: 'canaries',
  async up(db) {
    const options = { expireAfterSeconds: KEPT_SECONDS, maxTimeMS: MIGRATION_STEP_MS };
    await db.collection('canaries').createIndex({ at: 1 }, options);
  },
};
