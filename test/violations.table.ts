/** One planted violation per rule. The first file is the guilty one. */
export interface Violation {
  readonly violation: string;
  readonly rule: string;
  readonly files: Readonly<Record<string, string>>;
}

const IMPORTS = 'eslint(no-restricted-imports)';

function importing(path: string, specifier: string, name = 'thing'): Record<string, string> {
  return { [path]: `import { ${name} } from '${specifier}';\nexport const planted = [${name}];\n` };
}

const lines = (count: number): string =>
  Array.from({ length: count }, (_, index) => `export const n${index} = ${index};`).join('\n');

export const VIOLATIONS: readonly Violation[] = [
  {
    violation: 'a library that imports upward',
    rule: IMPORTS,
    files: importing('libs/domain/src/a.ts', '@flowmate/config'),
  },
  {
    violation: 'two libraries of one level that import each other',
    rule: IMPORTS,
    files: importing('libs/observability/src/a.ts', '@flowmate/config'),
  },
  {
    violation: 'a library that imports an app',
    rule: IMPORTS,
    files: importing('libs/config/src/a.ts', '../../../apps/api/src/about.js'),
  },
  {
    violation: 'an app that imports the other',
    rule: IMPORTS,
    files: importing('apps/api/src/a.ts', '../../worker/src/start.js'),
  },
  {
    violation: 'product code that imports testing',
    rule: IMPORTS,
    files: importing('apps/api/src/b.ts', '@flowmate/testing'),
  },
  {
    violation: 'a deep import',
    rule: IMPORTS,
    files: importing('apps/api/src/c.ts', '@flowmate/domain/src/errors/domain-error.js'),
  },
  {
    violation: 'a deep import in a test',
    rule: IMPORTS,
    files: importing('apps/api/src/c.spec.ts', '@flowmate/domain/src/index.js'),
  },
  {
    violation: 'a library by its path',
    rule: IMPORTS,
    files: importing('apps/api/src/d.ts', '../../../libs/domain/src/index.js'),
  },
  {
    violation: 'a feature that uses another feature’s controller',
    rule: IMPORTS,
    files: importing('apps/api/src/runs/e.ts', '../agents/agents.controller.js'),
  },
  {
    violation: 'a feature that uses another feature’s dto',
    rule: IMPORTS,
    files: importing('apps/api/src/runs/f.ts', '../agents/dto/create-agent.dto.js'),
  },
  { violation: 'forwardRef', rule: IMPORTS, files: importing('apps/api/src/g.ts', '@nestjs/common', 'forwardRef') },
  { violation: 'Nest in the domain', rule: IMPORTS, files: importing('libs/domain/src/b.ts', '@nestjs/common') },
  { violation: 'node:* in the domain', rule: IMPORTS, files: importing('libs/domain/src/c.ts', 'node:crypto') },
  {
    violation: 'mongoose outside the database library',
    rule: IMPORTS,
    files: importing('apps/api/src/h.ts', 'mongoose'),
  },
  {
    violation: 'a repository with a raw model',
    rule: IMPORTS,
    files: importing('libs/database/src/agents/a.ts', 'mongoose', 'Model'),
  },
  {
    violation: 'a repository that goes round the scoped documents',
    rule: IMPORTS,
    files: importing('libs/database/src/agents/b.ts', '../connection/database.js', 'RUN'),
  },
  {
    violation: 'findById',
    rule: 'eslint(no-restricted-properties)',
    files: {
      'libs/database/src/agents/c.ts':
        'export const planted = (agents: { findById(id: string): unknown }) => agents.findById("1");\n',
    },
  },
  {
    violation: 'the command line that imports the api',
    rule: IMPORTS,
    files: importing('apps/cli/src/a.ts', '../../api/src/about.js'),
  },
  { violation: 'bullmq outside the queue library', rule: IMPORTS, files: importing('apps/api/src/i.ts', 'bullmq') },
  { violation: 'openai outside the llm library', rule: IMPORTS, files: importing('apps/worker/src/j.ts', 'openai') },
  {
    violation: 'ioredis outside the redis library',
    rule: IMPORTS,
    files: importing('apps/worker/src/k.ts', 'ioredis'),
  },
  { violation: 'undici outside egress', rule: IMPORTS, files: importing('apps/worker/src/l.ts', 'undici') },
  {
    violation: 'fastify outside the api’s http folder',
    rule: IMPORTS,
    files: importing('apps/api/src/agents/m.ts', 'fastify'),
  },
  { violation: 'node:https outside egress', rule: IMPORTS, files: importing('apps/api/src/n.ts', 'node:https') },
  { violation: 'node:net without its prefix', rule: IMPORTS, files: importing('apps/worker/src/o.ts', 'net') },
  { violation: 'openai outside llm', rule: IMPORTS, files: importing('apps/worker/src/openai.ts', 'openai') },
  { violation: 'openai in tools', rule: IMPORTS, files: importing('libs/tools/src/openai.ts', 'openai') },
  { violation: 'zod in the api', rule: IMPORTS, files: importing('apps/api/src/zod.ts', 'zod', 'z') },
  { violation: 'zod in the domain', rule: IMPORTS, files: importing('libs/domain/src/zod.ts', 'zod', 'z') },
  { violation: 'axios', rule: IMPORTS, files: importing('apps/worker/src/p.ts', 'axios') },
  { violation: 'child processes', rule: IMPORTS, files: importing('apps/worker/src/q.ts', 'node:child_process') },
  { violation: 'node:vm', rule: IMPORTS, files: importing('apps/worker/src/r.ts', 'node:vm') },
  {
    violation: 'the global fetch',
    rule: 'eslint(no-restricted-globals)',
    files: { 'apps/api/src/s.ts': "export const planted = () => fetch('https://a.example');\n" },
  },
  {
    violation: 'process.env outside config',
    rule: 'node(no-process-env)',
    files: { 'apps/api/src/t.ts': "export const planted = process.env['PORT'];\n" },
  },
  {
    violation: 'eval',
    rule: 'eslint(no-eval)',
    files: { 'apps/api/src/u.ts': 'export const planted = (text: string) => eval(text);\n' },
  },
  {
    violation: 'new Function',
    rule: 'eslint(no-new-func)',
    files: { 'apps/api/src/v.ts': "export const planted = new Function('return 1');\n" },
  },
  {
    violation: 'a dynamic import of data',
    rule: 'import(no-dynamic-require)',
    files: { 'apps/api/src/w.ts': 'export const planted = (name: string) => import(name);\n' },
  },
  {
    violation: 'a cycle',
    rule: 'import(no-cycle)',
    files: {
      'apps/api/src/x.ts': "import { b } from './y.js';\nexport const a = (): unknown => b;\n",
      'apps/api/src/y.ts': "import { a } from './x.js';\nexport const b = (): unknown => a;\n",
    },
  },
  {
    violation: 'a default export',
    rule: 'import(no-default-export)',
    files: { 'apps/api/src/z.ts': 'export default 1;\n' },
  },
  { violation: 'a file of over 300 lines', rule: 'eslint(max-lines)', files: { 'apps/api/src/long.ts': lines(301) } },
  {
    violation: 'an empty catch',
    rule: 'eslint(no-empty)',
    files: { 'apps/api/src/catch.ts': 'try {\n  JSON.parse("1");\n} catch {}\n' },
  },
  {
    violation: 'jest.mock',
    rule: 'jest(no-restricted-jest-methods)',
    files: { 'apps/api/src/mock.spec.ts': "jest.mock('./a.js');\n" },
  },
  {
    violation: 'any',
    rule: 'typescript(no-explicit-any)',
    files: { 'apps/api/src/any.ts': 'export const planted = (value: any) => value;\n' },
  },
];
