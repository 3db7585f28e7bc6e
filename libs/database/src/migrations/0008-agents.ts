import { MIGRATION_STEP_MS } from '../connection/client-options.js';
import type { Migration } from './migration.js';

const LIMIT = { maxTimeMS: MIGRATION_STEP_MS } as const;

export const agents: Migration = {
  id: '0008',
  name: 'agents',
  async up(db) {
    const found = db.collection('agents');
    const where = (field: string) => ({ partialFilterExpression: { [field]: { $exists: true } } });
    await found.createIndex({ workspaceId: 1, slot: 1 }, { unique: true, ...where('slot'), ...LIMIT });
    await found.createIndex({ workspaceId: 1, 'request.key': 1 }, { unique: true, ...where('request.key'), ...LIMIT });
    await found.createIndex({ workspaceId: 1, _id: 1 }, LIMIT);
    await found.createIndex({ workspaceId: 1, nameKey: 1, _id: 1 }, LIMIT);
    await found.createIndex({ deletedAt: 1 }, { ...where('deletedAt'), ...LIMIT });
    await db.collection('agent_versions').createIndex({ workspaceId: 1, agentId: 1, version: 1 }, LIMIT);
    const keys = db.collection('idempotency_keys');
    await keys.createIndex({ expiresAt: 1 }, { expireAfterSeconds: 0, ...LIMIT });
    await keys.createIndex({ workspaceId: 1 }, LIMIT);
  },
};
