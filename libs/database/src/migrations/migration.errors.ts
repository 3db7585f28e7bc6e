/** The database was changed by a later version of FlowMate than this one. */
export class NewerDatabaseError extends Error {
  constructor(readonly unknown: readonly string[]) {
    super(
      `The database is newer than this version of FlowMate: it has ${unknown.join(', ')}. Run the version that made it, or a later one.`,
    );
    this.name = 'NewerDatabaseError';
  }
}

/** Somebody else migrates, and did not finish while this process waited. */
export class MigrationLockedError extends Error {
  constructor(readonly holder: string) {
    super(`The database is being migrated by ${holder}. Try again when it is done.`);
    this.name = 'MigrationLockedError';
  }
}

/** The process was stopped or cut off for so long that another one may migrate now. */
export class MigrationLockLostError extends Error {
  constructor() {
    super('The lock of the migration was lost to another process. Run it again to see what is left.');
    this.name = 'MigrationLockLostError';
  }
}
