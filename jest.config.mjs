// Tests are compiled to CommonJS; Nest 12 (ESM only) enters through Jest's require(esm),
// which exists only with --experimental-vm-modules on Node 24.9 or later (see the npm scripts).

/** @type {import('@swc/core').Options} */
const swc = {
  swcrc: false,
  jsc: {
    target: 'es2023',
    parser: { syntax: 'typescript', decorators: true, dynamicImport: true },
    transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
    keepClassNames: true,
  },
  module: { type: 'commonjs' },
  sourceMaps: 'inline',
};

/** @type {import('jest').Config} */
const project = {
  rootDir: import.meta.dirname,
  testEnvironment: 'node',
  transform: { '^.+\\.ts$': ['@swc/jest', swc] },
  moduleFileExtensions: ['ts', 'js', 'mjs', 'cjs', 'json'],
  moduleNameMapper: {
    '^@flowmate/([^/]+)$': '<rootDir>/libs/$1/src/index.ts',
    '^(\\.{1,2}/.*)\\.js$': '$1', // NodeNext ".js" specifiers name .ts sources
  },
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/.flowmate/'],
};

/** One MongoDB and one Redis for all files of a run; each file takes a database or a prefix of its own. */
const withStores = {
  globalSetup: '<rootDir>/test/stores/start.ts',
  globalTeardown: '<rootDir>/test/stores/stop.ts',
};

/** @type {import('jest').Config} */
export default {
  workerIdleMemoryLimit: '1GB',
  // Many start processes and stores; on a machine that does something else too, five seconds are not enough.
  testTimeout: 15_000,
  coverageProvider: 'v8',
  collectCoverageFrom: [
    'apps/*/src/**/*.ts',
    'libs/*/src/**/*.ts',
    '!**/main.ts',
    '!**/*.spec.ts',
    '!libs/client/src/generated/**',
    '!libs/testing/**',
  ],
  // A floor under what is there (95 %), so that new code cannot come without tests; `check:all` fails below it.
  coverageThreshold: { global: { statements: 90, branches: 90, functions: 90, lines: 90 } },
  projects: [
    {
      ...project,
      displayName: 'unit',
      testMatch: ['<rootDir>/{apps,libs}/*/src/**/*.spec.ts', '<rootDir>/{test,tools/embedded}/**/*.spec.ts'],
      testPathIgnorePatterns: ['\\.int\\.spec\\.ts$', '/node_modules/'],
    },
    {
      ...project,
      ...withStores,
      displayName: 'int',
      testMatch: ['<rootDir>/{apps,libs}/*/{src,contract}/**/*.int.spec.ts', '<rootDir>/{tools,test}/**/*.int.spec.ts'],
    },
    { ...project, ...withStores, displayName: 'e2e', testMatch: ['<rootDir>/apps/*/test/**/*.e2e-spec.ts'] },
  ],
};
