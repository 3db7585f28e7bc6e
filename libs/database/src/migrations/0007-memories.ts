import { MIGRATION_STEP_MS } from '../connection/client-options.js';
import type { Migration } from './migration.js';

const LIMIT = { maxTimeMS: MIGRATION_STEP_MS } as const;

export const memories: Migration = {
  id: '0007',
  name: 'memories',
  async up(db) {
    const found = db.collection('memories');
    await found.createIndex({ workspaceId: 1, agentId: 1, name: 1 }, { unique: true, ...LIMIT });
    await found.createIndex({ workspaceId: 1, _id: 1 }, LIMIT);
  },
};
