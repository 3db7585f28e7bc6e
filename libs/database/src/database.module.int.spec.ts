import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { TestDatabase } from '../test/test-database.js';
import { CanaryRepository } from './canaries/canary.repository.js';
import { Database } from './connection/database.js';
import { DatabaseModule } from './database.module.js';
import { Migrator } from './migrations/migrator.js';

describe('the module', () => {
  it('hands out the one connection and the repositories on it, and opens and closes nothing', async () => {
    const test = new TestDatabase();
    @Module({ imports: [DatabaseModule.with(test.database)] })
    class App {}
    const app = await NestFactory.createApplicationContext(App, { logger: false });
    expect(app.get(Database)).toBe(test.database);
    expect(test.database.state).toBe('connecting');
    await test.database.connect();
    await app.get(Migrator).up();
    await app.get(CanaryRepository).beat('w');
    expect(await app.get(CanaryRepository).latest()).toMatchObject({ workerId: 'w' });
    await app.close();
    expect(test.database.state).toBe('connected');
    await test.dispose();
  });
});
