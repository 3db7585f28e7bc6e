import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { verifies } from '@flowmate/testing';
// @ts-expect-error -- plain JavaScript, read by Jest as it is
import jestConfig from '../jest.config.mjs';

const ROOT = join(import.meta.dirname, '..');

describe(verifies('FM-102', 'the floor under coverage'), () => {
  it('is set for everything that is counted, and not below 90 %', () => {
    const { global } = jestConfig.coverageThreshold;
    expect(Object.keys(global).sort()).toEqual(['branches', 'functions', 'lines', 'statements']);
    for (const percent of Object.values(global)) expect(percent).toBeGreaterThanOrEqual(90);
  });

  it('counts apps and libraries, also the files that no test loads', () => {
    expect(jestConfig.collectCoverageFrom).toEqual(
      expect.arrayContaining(['apps/*/src/**/*.ts', 'libs/*/src/**/*.ts']),
    );
  });

  it('is asked for by check:all', () => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    expect(scripts['check:all']).toContain('--coverage');
  });
});
