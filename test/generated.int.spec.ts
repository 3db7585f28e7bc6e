import { execFile } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { verifies } from '@flowmate/testing';
import * as client from '@flowmate/client';
import { wholeDocument } from '../apps/api/src/openapi/whole-document.js';

const ROOT = join(import.meta.dirname, '..');
const GENERATED = 'libs/client/src/generated';
const GENERATOR = join(ROOT, 'node_modules/@hey-api/openapi-ts/bin/run.js');
const COMPILER = join(ROOT, 'node_modules/typescript/bin/tsc');
const REMEDY = 'run: npm run openapi && npm run client';

const run = promisify(execFile);

function filesOf(folder: string): Map<string, string> {
  const paths = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  return new Map(paths.sort().map((path) => [path.slice(folder.length + 1), readFileSync(path, 'utf8')]));
}

/** Names of the files that one side lacks or has otherwise. */
function differences(committed: ReadonlyMap<string, string>, fresh: ReadonlyMap<string, string>): string[] {
  const names = new Set([...committed.keys(), ...fresh.keys()]);
  return [...names].filter((name) => committed.get(name) !== fresh.get(name)).map((name) => `${name}: ${REMEDY}`);
}

describe(verifies('FM-37', 'what is generated from the sources'), () => {
  let folder: string;
  let document: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'flowmate-generated-'));
    document = await wholeDocument();
    await writeFile(join(folder, 'openapi.json'), document);
  });
  afterAll(async () => rm(folder, { recursive: true, force: true }));

  it('is the committed openapi.json', () => {
    const committed = new Map([['openapi.json', readFileSync(join(ROOT, 'openapi.json'), 'utf8')]]);
    expect(differences(committed, new Map([['openapi.json', document]]))).toEqual([]);
  });

  it('is the committed client', async () => {
    // The paths of the configuration count from the working directory; `--output` would replace its other settings.
    const args = [GENERATOR, '--silent', '--file', join(ROOT, 'openapi-ts.config.ts')];
    await run(process.execPath, args, { cwd: folder });
    expect(differences(filesOf(join(ROOT, GENERATED)), filesOf(join(folder, GENERATED)))).toEqual([]);
  });
});

describe('the client', () => {
  const document = JSON.parse(readFileSync(join(ROOT, 'openapi.json'), 'utf8'));
  const index = readFileSync(join(ROOT, 'libs/client/src/index.ts'), 'utf8');

  it('exports every operation', () => {
    const operations = Object.values<Record<string, { operationId: string }>>(document.paths).flatMap((path) =>
      Object.values(path).map(({ operationId }) => operationId),
    );
    expect(operations.length).toBeGreaterThan(0);
    expect(Object.keys(client)).toEqual(expect.arrayContaining(operations));
  });

  it('exports the type of every schema', () => {
    const schemas = Object.keys(document.components.schemas);
    const missing = schemas.filter((schema) => !new RegExp(`^ {2}${schema},$`, 'm').test(index));
    expect(missing).toEqual([]);
  });

  it('compiles with the typings of a browser and none of Node', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'flowmate-browser-'));
    const compilerOptions = {
      module: 'esnext',
      moduleResolution: 'bundler',
      target: 'es2023',
      lib: ['ES2023', 'DOM', 'DOM.Iterable'],
      types: [],
      strict: true,
      noUncheckedIndexedAccess: true,
      noEmit: true,
    };
    const project = join(folder, 'tsconfig.json');
    try {
      await writeFile(project, JSON.stringify({ compilerOptions, files: [join(ROOT, 'libs/client/src/index.ts')] }));
      const { stdout } = await run(process.execPath, [COMPILER, '--project', project]).catch((error: unknown) => ({
        stdout: Reflect.get(Object(error), 'stdout') as string,
      }));
      expect(stdout).toBe('');
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }, 30_000); // a compiler's start on two busy cores takes several seconds
});
