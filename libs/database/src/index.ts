export { CanaryRepository, type Canary } from './canaries/canary.repository.js';
export type { DatabaseRole } from './connection/client-options.js';
export { Database, type DatabaseParts, type DatabaseState } from './connection/database.js';
export { databaseHealth } from './connection/database-health.js';
export { DatabaseUnavailableError } from './connection/database.errors.js';
export type { Deadline } from './connection/deadline.js';
export { DatabaseModule } from './database.module.js';
export { MigrationLockedError, MigrationLockLostError, NewerDatabaseError } from './migrations/migration.errors.js';
export { Migrator, type MigrationState, type MigrationStatus, type MigratorOptions } from './migrations/migrator.js';
