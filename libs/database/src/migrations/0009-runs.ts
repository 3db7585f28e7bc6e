import { MIGRATION_STEP_MS } from '../connection/client-options.js';
import type { Migration } from './migration.js';

/** A week. */
const WORKERS_KEPT_SECONDS = 604_800;

export const runs: Migration = {
  id: '0009',
  name: 'runs',
  async up(db) {
    const options = { maxTimeMS: MIGRATION_STEP_MS };
    const all = db.collection('runs');
    const open = { ...options, partialFilterExpression: { isOpen: true } };
    await all.createIndex({ owner: 1, wakeAt: 1, workspaceId: 1 }, open);
    await all.createIndex({ workspaceId: 1, 'head.status': 1, wakeAt: 1, rank: 1 }, open);
    await all.createIndex({ workspaceId: 1, _id: -1 }, options);
    await all.createIndex({ workspaceId: 1, agentId: 1, _id: -1 }, options);
    await all.createIndex(
      { workspaceId: 1, 'request.principal': 1, 'request.route': 1, 'request.key': 1 },
      { ...options, unique: true, partialFilterExpression: { 'request.key': { $exists: true } } },
    );
    await all.createIndex(
      { workspaceId: 1, externalId: 1, _id: -1 },
      { ...options, partialFilterExpression: { externalId: { $exists: true } } },
    );
    await all.createIndex(
      { closedAt: 1, _id: 1 },
      { ...options, partialFilterExpression: { closedAt: { $exists: true } } },
    );
    await db.collection('payloads').createIndex({ workspaceId: 1 }, options);
    const workers = db.collection('workers');
    await workers.createIndex({ gone: 1, at: 1 }, options);
    await workers.createIndex({ at: 1 }, { ...options, expireAfterSeconds: WORKERS_KEPT_SECONDS });
  },
};
