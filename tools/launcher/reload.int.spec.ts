import { existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { eventually, verifies } from '@flowmate/testing';
import { FakeProject, STORES, type Started, serving } from './fake-project.js';

describe(verifies('FM-84', 'npm run dev'), () => {
  let project: FakeProject;
  let dev: Started;

  beforeEach(async () => {
    project = new FakeProject();
    dev = project.start(['--watch'], { LIMITS: '{"backoffMs":10}' });
    await dev.shows('is running');
  });
  afterEach(async () => {
    dev.process.kill('SIGTERM');
    await dev.exitCode();
    await project.dispose(dev);
  });

  it('replaces only the child whose sources changed', async () => {
    project.write('apps/api/src/main.ts', serving('PORT', `console.log('second edition');`));
    await dev.shows(/reloaded api in \d/);
    expect(dev.output()).toContain('second edition');
    expect(dev.pids()).toHaveLength(3);
  });

  it('replaces every child after a change in a library, and forgets a deleted source', async () => {
    project.write('libs/fake/src/gone.ts', '');
    await dev.shows(/reloaded worker, api in/);
    expect(existsSync(join(project.root, 'dist/libs/fake/src/gone.js'))).toBe(true);
    rmSync(join(project.root, 'libs/fake/src/gone.ts'));
    await dev.shows(/(reloaded worker, api[^]*){2}/);
    expect(existsSync(join(project.root, 'dist/libs/fake/src/gone.js'))).toBe(false);
  });

  it('sees every save of an editor that writes another file and renames it', async () => {
    for (const edition of ['first', 'second', 'third', 'fourth']) {
      project.write('apps/api/src/.draft', serving('PORT', `console.log('the ${edition} save');`));
      renameSync(join(project.root, 'apps/api/src/.draft'), join(project.root, 'apps/api/src/main.ts'));
      await dev.shows(`the ${edition} save`);
      expect(dev.output()).toContain(`the ${edition} save`);
    }
  }, 20_000);

  it('ignores tests', async () => {
    project.write('apps/api/src/main.spec.ts', '// a test');
    project.write('apps/api/test/start.e2e-spec.ts', '// a test');
    project.write('apps/worker/src/main.ts', serving('WORKER_PORT', '// saved later, so the others have been seen'));
    await dev.shows(/reloaded \w+ in/);
    expect(dev.output()).toContain('reloaded worker in');
  });

  it('keeps the old processes when a build fails, and catches up with the next good one', async () => {
    project.write('apps/worker/src/main.ts', 'BROKEN');
    await dev.shows('the processes built before keep running');
    expect(dev.output()).toContain('does not compile: apps/worker/src/main.ts');
    expect(dev.pids()).toHaveLength(2);
    project.write('apps/worker/src/main.ts', serving('WORKER_PORT', `console.log('repaired');`));
    await dev.shows(/repaired[^]*reloaded worker in/);
  });

  it('waits for the next save when the new edition keeps crashing', async () => {
    project.write('apps/api/src/main.ts', `throw new Error('no luck');`);
    await dev.shows('it starts again after the next save');
    expect(dev.output()).toContain('api crashed 3 times within');
    project.write('apps/api/src/main.ts', serving('PORT'));
    await dev.shows(/reloaded api in/);
  });
});

describe(verifies('FM-84', 'npm run dev with stores of its own'), () => {
  let project: FakeProject;
  let dev: Started;

  afterEach(async () => {
    dev.process.kill('SIGTERM');
    await dev.exitCode();
    await project.dispose(dev);
  });

  it('starts each app once when something is saved before the stores are ready', async () => {
    const held = `import { existsSync } from 'node:fs';
      import { setTimeout as delay } from 'node:timers/promises';
      console.log('the stores wait');
      while (!existsSync('go')) await delay(10);\n`;
    project = new FakeProject({ stores: held + STORES });
    dev = project.start(['--watch']);
    await dev.shows('the stores wait');
    project.write('apps/api/src/main.ts', serving('PORT', `console.log('second edition');`));
    await eventually(() =>
      expect(readFileSync(join(project.root, 'dist/apps/api/src/main.js'), 'utf8')).toMatch('second'),
    );
    project.write('apps/worker/src/main.ts', 'BROKEN');
    await dev.shows('The build failed'); // so the save before it has been dealt with
    project.write('go', '');
    await dev.shows('is running (stores, worker, api;');
    expect(dev.output()).toContain('second edition');
    expect(dev.pids()).toHaveLength(3);
  });

  it('tries the stores again after the next save when they kept crashing', async () => {
    const crashing = `import { existsSync } from 'node:fs';
      if (!existsSync('repaired')) throw new Error('no luck');\n`;
    project = new FakeProject({ stores: crashing + STORES });
    dev = project.start(['--watch'], { LIMITS: '{"backoffMs":10}' });
    await dev.shows('stores crashed 3 times within');
    project.write('repaired', '');
    project.write('apps/api/src/main.ts', serving('PORT', '// saved'));
    await dev.shows('is running (stores, worker, api;');
    expect(dev.pids()).toHaveLength(3);
  });
});
