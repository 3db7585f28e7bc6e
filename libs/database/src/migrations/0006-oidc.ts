import { MIGRATION_STEP_MS } from '../connection/client-options.js';
import type { Migration } from './migration.js';

export const oidc: Migration = {
  id: '0006',
  name: 'oidc',
  async up(db) {
    const options = { expireAfterSeconds: 0, maxTimeMS: MIGRATION_STEP_MS };
    await db.collection('oidc_flows').createIndex({ expiresAt: 1 }, options);
  },
};
