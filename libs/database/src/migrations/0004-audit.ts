import { MIGRATION_STEP_MS } from '../connection/client-options.js';
import type { Migration } from './migration.js';

export const audit: Migration = {
  id: '0004',
  name: 'audit',
  async up(db) {
    const entries = db.collection('audit');
    const options = { maxTimeMS: MIGRATION_STEP_MS };
    await entries.createIndex({ trail: 1, seq: 1 }, { ...options, unique: true });
    await entries.createIndex({ trail: 1, action: 1, seq: -1 }, options);
    await entries.createIndex({ trail: 1, outcome: 1, seq: -1 }, options);
    await entries.createIndex({ trail: 1, 'actor.id': 1, seq: -1 }, options);
    await entries.createIndex({ trail: 1, 'target.id': 1, seq: -1 }, options);
    await entries.createIndex({ trail: 1, at: 1 }, options);
  },
};
