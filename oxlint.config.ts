import { defineConfig, type OxlintOverride } from 'oxlint';

/**
 * The arrows of the architecture as data. A library may import the libraries named here and nothing
 * else of ours; a vendor may be imported only by its owner. `test/boundaries.spec.ts` plants one
 * violation per rule, because a rule that allows everything looks exactly like a rule.
 */
const LIBRARIES: Record<string, readonly string[]> = {
  domain: [],
  client: [],
  config: ['domain'],
  lifecycle: ['domain'],
  health: ['domain'],
  observability: ['domain'],
  egress: ['domain', 'config', 'observability'],
  database: ['domain', 'config', 'observability', 'health'],
  redis: ['domain', 'config', 'observability', 'health'],
  queue: ['domain', 'config', 'observability', 'health', 'redis'],
  crypto: ['domain'],
  mail: ['domain', 'config', 'observability', 'egress', 'crypto', 'database'],
  audit: ['domain', 'observability', 'crypto', 'database'],
  identity: ['domain', 'config', 'observability', 'crypto', 'database', 'audit'],
  llm: ['domain', 'config', 'observability', 'egress'],
  tools: ['domain', 'config', 'observability', 'egress'],
  realtime: ['domain', 'config', 'observability', 'health', 'redis'],
};

/** A specifier matches exactly or with a subpath below it. */
const VENDORS: Record<string, readonly string[]> = {
  '@nestjs': ['config', 'observability', 'egress', 'database', 'apps'],
  fastify: ['apps/api/src/http'],
  undici: ['egress'],
  'ipaddr.js': ['egress'],
  pino: ['observability'],
  'prom-client': ['observability'],
  '@opentelemetry': ['observability'],
  yaml: ['config'],
  mongoose: ['database'],
  bullmq: ['queue'],
  openai: ['llm'],
  zod: ['llm', 'tools', 'apps/worker'],
  ioredis: ['redis'],
  nodemailer: ['mail'],
  'passport-jwt': ['apps/api/src/auth'],
  'openid-client': ['apps/api/src/auth/oidc'],
};

/** Whatever opens a connection or could run code that came as data. Only the named owners may. */
const POWERS: Record<string, readonly string[]> = {
  '(node:)?(http|https|http2)': ['observability', 'apps/api/src/http'],
  '(node:)?net': ['egress', 'config', 'observability'],
  '(node:)?(tls|dgram|dns)': ['egress'],
  '(node:)?module': ['apps/api/src/openapi'],
  '(node:)?(child_process|vm|worker_threads)': [],
  '(axios|node-fetch|got|superagent|request)': [],
};

const escape = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
const owns = (owner: string, place: string): boolean => place === owner || place.startsWith(`${owner}/`);

interface Place {
  readonly name: string;
  readonly files: string[];
  readonly libraries: readonly string[];
  readonly extra?: ReadonlyArray<{ regex: string; message: string; importNames?: string[] }>;
}

function restrictions(place: Place): OxlintOverride {
  const refused = (owners: readonly string[]): boolean => !owners.some((owner) => owns(owner, place.name));
  const patterns = [
    {
      group: ['@flowmate/*', ...place.libraries.map((library) => `!@flowmate/${library}`)],
      message: `${place.name} may import only: ${place.libraries.join(', ') || 'nothing of ours'}.`,
    },
    { regex: '^@flowmate/[^/]+/', message: 'Import a library by its name, never by its path.' },
    { regex: '(^|/)libs/|/src/index\\.js$', message: 'Import a library by its name, never by its path.' },
    ...Object.entries(VENDORS)
      .filter(([, owners]) => refused(owners))
      .map(([vendor, owners]) => ({
        regex: `^${escape(vendor)}(/|$)`,
        message: `${vendor} belongs to ${owners.join(', ') || 'a library that does not exist yet'}.`,
      })),
    ...Object.entries(POWERS)
      .filter(([, owners]) => refused(owners))
      .map(([module, owners]) => ({
        regex: `^${module}(/|$)`,
        message: `Outgoing connections and code execution belong to ${owners.join(', ') || 'nobody'}.`,
      })),
    ...(place.extra ?? []),
  ];
  const paths = [
    { name: '@nestjs/common', importNames: ['forwardRef'], message: 'A cycle is a seam in the wrong place.' },
  ];
  return { files: place.files, rules: { 'no-restricted-imports': ['error', { paths, patterns }] } };
}

const noApps = { regex: '(^|/)apps/', message: 'A library never imports an app.' };
const featureEdges = {
  regex: '^\\.\\./[^.][^/]*/(.+/)?[^/]+\\.(controller|dto|response|query)\\.js$',
  message: 'A feature uses what another module exports as a service, never its HTTP edge.',
};
/** A repository that had these could ask without an owner, or without a limit. */
const rawAccess = [
  {
    regex: '^mongoose$',
    importNames: ['default', 'mongo', 'Mongoose', 'Connection', 'Model', 'connection', 'model', 'models', 'connect'],
    message: 'A repository asks through SystemDocuments or OwnedDocuments.',
  },
  {
    regex: '/connection/database\\.js$',
    importNames: ['RUN', 'native'],
    message: 'A repository asks through SystemDocuments or OwnedDocuments.',
  },
];
const all = Object.keys(LIBRARIES);

const places: OxlintOverride[] = [
  ...Object.entries(LIBRARIES).map(([name, libraries]) => {
    const pure = { regex: '^node:', message: `${name} must run in a browser.` };
    const isPure = name === 'domain' || name === 'client';
    const extra = [noApps, ...(isPure ? [pure] : []), ...(name === 'database' ? rawAccess : [])];
    return restrictions({ name, files: [`libs/${name}/src/**/*.ts`], libraries, extra });
  }),
  ...['api', 'worker', 'cli'].map((app, _index, apps) => {
    const others = apps.filter((other) => other !== app).join('|');
    const crossing = { regex: `(^|/)apps/|\\.\\./(${others})/`, message: 'Apps never import each other.' };
    const files = [`apps/${app}/src/**/*.ts`];
    return restrictions({ name: `apps/${app}`, files, libraries: all, extra: [crossing, featureEdges] });
  }),
  restrictions({
    name: 'database',
    files: ['libs/database/src/{connection,documents,migrations}/**/*.ts'],
    libraries: LIBRARIES['database'] ?? [],
    extra: [noApps],
  }),
  ...['http', 'openapi', 'auth', 'auth/oidc'].map((folder) =>
    restrictions({
      name: `apps/api/src/${folder}`,
      files: [`apps/api/src/${folder}/**/*.ts`],
      libraries: all,
      extra: [featureEdges],
    }),
  ),
];

/** Tests and tools run outside the product: they start processes, bind ports and read the environment. */
const outside: OxlintOverride = {
  files: [
    '**/*.spec.ts',
    '**/*.e2e-spec.ts',
    '**/test/**',
    'libs/testing/**',
    'test/**',
    'tools/**',
    'bench/**',
    'chaos/**',
    'oxlint.config.ts',
  ],
  rules: {
    'no-restricted-imports': [
      'error',
      { patterns: [{ regex: '^@flowmate/[^/]+/', message: 'Import a library by its name, never by its path.' }] },
    ],
    'no-restricted-globals': 'off',
    'no-restricted-properties': 'off',
    'node/no-process-env': 'off',
    'max-lines': ['error', { max: 500 }],
    'max-lines-per-function': 'off',
    'no-console': 'off',
    'no-await-in-loop': 'off',
  },
};

export default defineConfig({
  plugins: ['typescript', 'import', 'node', 'jest', 'unicorn', 'promise', 'oxc'],
  categories: { correctness: 'error', suspicious: 'error', perf: 'off' },
  ignorePatterns: ['dist', 'coverage', '.flowmate', 'libs/client/src/generated'],
  rules: {
    'import/no-cycle': 'error',
    'import/no-default-export': 'error',
    'import/no-dynamic-require': ['error', { esmodule: true }],
    'import/no-unassigned-import': 'off',
    'import/no-named-as-default-member': 'off',
    'jest/no-restricted-jest-methods': ['error', { mock: 'Run the real thing, or hand in a fake.' }],
    'jest/no-focused-tests': 'error',
    'jest/valid-title': ['error', { ignoreTypeOfDescribeName: true }],
    'jest/no-disabled-tests': 'error',
    'max-lines': ['error', { max: 300 }],
    'max-lines-per-function': ['error', { max: 50, skipBlankLines: true, skipComments: true }],
    'max-params': ['error', { max: 4 }],
    'no-console': 'error',
    'no-empty': ['error', { allowEmptyCatch: false }],
    'no-eval': 'error',
    'no-implied-eval': 'error',
    'no-new-func': 'error',
    'no-restricted-globals': [
      'error',
      ...['fetch', 'WebSocket', 'EventSource', 'XMLHttpRequest'].map((name) => ({
        name,
        message: 'The one outbound HTTP client is @flowmate/egress.',
      })),
    ],
    'no-restricted-properties': [
      'error',
      ...['findById', 'findByIdAndUpdate', 'findByIdAndDelete', 'findByIdAndReplace'].map((property) => ({
        property,
        message: 'A document is asked for with its owner.',
      })),
    ],
    'no-shadow': 'off',
    // `const { hash, ...rest } = key` is how a field is left out.
    'no-unused-vars': ['error', { ignoreRestSiblings: true, argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
    'node/no-process-env': 'error',
    'typescript/consistent-type-imports': 'off',
    'typescript/no-explicit-any': 'error',
    'typescript/no-extraneous-class': 'off',
    'unicorn/no-array-sort': 'off',
    'unicorn/consistent-function-scoping': 'off',
    'no-underscore-dangle': 'off',
  },
  overrides: [
    ...places,
    { files: ['libs/config/src/**/*.ts'], rules: { 'node/no-process-env': 'off' } },
    outside,
    { files: ['*.config.ts', '*.config.mjs'], rules: { 'import/no-default-export': 'off' } },
  ],
});
