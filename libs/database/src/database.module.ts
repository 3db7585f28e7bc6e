import { Module, type DynamicModule } from '@nestjs/common';
import { CanaryRepository } from './canaries/canary.repository.js';
import { Database } from './connection/database.js';
import { Migrator } from './migrations/migrator.js';

/** Hands the one connection of a process, and the repositories on it, to whoever asks. It opens and closes nothing. */
@Module({})
export class DatabaseModule {
  static with(database: Database): DynamicModule {
    return {
      module: DatabaseModule,
      global: true,
      providers: [
        { provide: Database, useValue: database },
        { provide: Migrator, useFactory: () => new Migrator(database) },
        { provide: CanaryRepository, useFactory: () => new CanaryRepository(database) },
      ],
      exports: [Database, Migrator, CanaryRepository],
    };
  }
}
