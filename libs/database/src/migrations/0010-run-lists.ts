import { MIGRATION_STEP_MS } from '../connection/client-options.js';
import type { Migration } from './migration.js';

/** Lists of what is rare among many runs: those that failed, or with one code, or that were started by something else. */
export const runLists: Migration = {
  id: '0010',
  name: 'run-lists',
  async up(db) {
    const options = { maxTimeMS: MIGRATION_STEP_MS };
    const all = db.collection('runs');
    await all.createIndex({ workspaceId: 1, trigger: 1, _id: -1 }, options);
    await all.createIndex(
      { workspaceId: 1, 'head.status': 1, _id: -1 },
      { ...options, partialFilterExpression: { closedAt: { $exists: true } } },
    );
    await all.createIndex(
      { workspaceId: 1, 'head.code': 1, _id: -1 },
      { ...options, partialFilterExpression: { 'head.code': { $gt: '' } } },
    );
  },
};
