import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { verifies } from '@flowmate/testing';
import { startApiUnderTest, type ApiUnderTest } from './harness/api-under-test.js';

const ROOT = join(import.meta.dirname, '../../..');
const LINTER = join(ROOT, 'node_modules/@redocly/cli/bin/cli.js');

/** Of every operation, because any may be asked wrongly, fail, or come when there is too much to do. */
const ERRORS_OF_ALL = ['400', '500', '503'];

const run = promisify(execFile);

interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly format?: string;
  readonly example?: unknown;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly allOf?: readonly Schema[];
}

interface Content {
  readonly schema?: Schema;
  readonly examples?: Readonly<Record<string, { value: { code: string; status: number } }>>;
}

interface Operation {
  readonly operationId: string;
  readonly summary?: string;
  readonly tags?: readonly string[];
  readonly security?: readonly object[];
  readonly responses: Readonly<Record<string, { content?: Readonly<Record<string, Content>> }>>;
}

interface Document {
  readonly openapi: string;
  readonly security: readonly object[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
  readonly tags: ReadonlyArray<{ name: string; description?: string }>;
}

const contentsOf = (operation: Operation, statuses: RegExp): Content[] =>
  Object.entries(operation.responses)
    .filter(([status]) => statuses.test(status))
    .flatMap(([, { content = {} }]) => Object.values(content));

/** Paths of everything within a schema that shows no reader what it looks like. */
function withoutExample(schema: Schema, path: string, document: Document): string[] {
  if (schema.example !== undefined || schema.format === 'binary') return [];
  const { $ref, properties, items, allOf } = schema;
  if ($ref !== undefined) {
    const name = $ref.split('/').at(-1) ?? '';
    return withoutExample(document.components.schemas[name] ?? {}, `${path}(${name})`, document);
  }
  if (allOf) return allOf.flatMap((part) => withoutExample(part, path, document));
  if (items) return withoutExample(items, `${path}[]`, document);
  if (!properties) return [path];
  return Object.entries(properties).flatMap(([name, child]) => withoutExample(child, `${path}.${name}`, document));
}

function documentedCodes(): Set<string> {
  const rows = readFileSync(join(ROOT, 'docs/errors.md'), 'utf8').matchAll(/^\| `([^`]+)` \| (\d{3}) \|/gm);
  return new Set([...rows].map(([, code, status]) => `${code} ${status}`));
}

describe(verifies('FM-37', 'the OpenAPI document'), () => {
  let api: ApiUnderTest;
  let text: string;
  let document: Document;
  let operations: Array<readonly [string, Operation]>;

  beforeAll(async () => {
    api = await startApiUnderTest();
    text = await (await fetch(`${api.url}/api/docs-json`)).text();
    document = JSON.parse(text) as Document;
    operations = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => [`${method.toUpperCase()} ${path}`, operation] as const),
    );
  });
  afterAll(async () => api.close());

  /** Names of the operations that break a rule: every failure at once, each readable. */
  const breaking = (rule: (operation: Operation) => boolean): string[] =>
    operations.filter(([, operation]) => !rule(operation)).map(([name]) => name);

  it('is what the api serves, in the version that the client is generated from', () => {
    expect(document.openapi).toBe('3.1.0');
    expect(operations.length).toBeGreaterThan(0);
  });

  it('holds every route of the api except pages, files and what is only mounted here', () => {
    const pages = ['/invite', '/invite/page.js', '/sign-in', '/sign-in/page.js', '/sign-in/style.css'];
    const docs = ['/api/docs', '/api/docs/start.js', '/api/docs/errors', '/api/docs-json'];
    const undocumented = ['/', '*', ...pages, ...docs];
    const served = api.routes
      .all()
      .filter(({ method, url }) => method !== 'HEAD' && method !== 'OPTIONS' && !undocumented.includes(url))
      .filter(({ url }) => !url.startsWith('/test/') && !url.startsWith('/api/docs/assets/'))
      .map(({ method, url }) => `${method} ${url.replaceAll(/:(\w+)/g, '{$1}')}`);
    expect(operations.map(([name]) => name).sort()).toEqual(served.sort());
  });

  it('gives every operation a name of its own that is a function name', () => {
    const ids = operations.map(([, { operationId }]) => operationId);
    expect(ids.filter((id) => !/^[a-z][a-zA-Z0-9]+$/.test(id))).toEqual([]);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('gives every operation a summary and a tag that is explained', () => {
    const explained = new Set(document.tags.filter(({ description }) => description).map(({ name }) => name));
    expect(breaking(({ summary = '' }) => summary.length > 0)).toEqual([]);
    expect(breaking(({ tags = [] }) => tags.length > 0 && tags.every((tag) => explained.has(tag)))).toEqual([]);
  });

  it('shows for every operation what success looks like, down to each property', () => {
    // An answer without content, or a way to somewhere else, is shown by its status.
    const isWordless = ({ responses }: Operation): boolean => '204' in responses || '303' in responses;
    expect(breaking((operation) => isWordless(operation) || contentsOf(operation, /^2/).length > 0)).toEqual([]);
    const bare = operations.flatMap(([name, operation]) =>
      contentsOf(operation, /^2/).flatMap(({ schema }) => withoutExample(schema ?? {}, name, document)),
    );
    expect(bare).toEqual([]);
  });

  it('shows for every schema what each property looks like', () => {
    const schemas = Object.entries(document.components.schemas);
    expect(schemas.flatMap(([name, schema]) => withoutExample(schema, name, document))).toEqual([]);
  });

  it('lists for every operation the errors that it can answer, 401 and 403 or 404 unless it is public', () => {
    const isPublic = ({ security = document.security }: Operation): boolean => security.length === 0;
    expect(breaking(({ responses }) => ERRORS_OF_ALL.every((status) => status in responses))).toEqual([]);
    expect(breaking((operation) => isPublic(operation) || '401' in operation.responses)).toEqual([]);
    const isRefusing = ({ responses }: Operation): boolean => '403' in responses || '404' in responses;
    expect(breaking((operation) => isPublic(operation) || isRefusing(operation))).toEqual([]);
  });

  it('shows every error as a problem with an example whose code and status are documented', () => {
    const known = documentedCodes();
    for (const [name, { responses }] of operations) {
      for (const [status, { content = {} }] of Object.entries(responses).filter(([code]) => /^[45]/.test(code))) {
        const examples = Object.values(content['application/problem+json']?.examples ?? {});
        const unknown = examples.filter(({ value }) => !known.has(`${value.code} ${status}`));
        expect({ name, status, types: Object.keys(content), examples: examples.length > 0, unknown }).toEqual({
          name,
          status,
          types: ['application/problem+json'],
          examples: true,
          unknown: [],
        });
        expect(examples.every(({ value }) => value.status === Number(status))).toBe(true);
      }
    }
  });

  it('passes the linter', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'flowmate-openapi-'));
    try {
      const file = join(folder, 'openapi.json');
      await writeFile(file, text);
      const args = [LINTER, 'lint', file, '--config', join(ROOT, 'redocly.yaml'), '--format', 'json'];
      const env = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' };
      // With findings it exits with 1, and what it found is in its output all the same.
      const { stdout } = await run(process.execPath, args, { cwd: ROOT, env }).catch((error: unknown) => ({
        stdout: String(Reflect.get(Object(error), 'stdout')),
      }));
      expect(JSON.parse(stdout)).toMatchObject({ totals: { errors: 0, warnings: 0 }, problems: [] });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }, 20_000); // the linter's start alone takes a second on an idle machine
});
