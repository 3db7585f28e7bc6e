import { openApiDocument } from '../src/openapi/document.js';
import { bearer, type World } from '../../../test/abuse/identity-case.js';
import { startApiUnderTest, type ApiUnderTest } from './harness/api-under-test.js';
import { ownedThings, type Things } from './harness/owned-things.js';
import { send } from './harness/send.js';
import { StoreDigest } from './harness/store-digest.js';
import { makeWorld } from './harness/world.js';

interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
}

interface Operation {
  readonly operationId: string;
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

interface Field {
  readonly operation: string;
  readonly method: string;
  readonly path: string;
  /** Names from the body down to a field that takes text; `[]` is the first of a list. */
  readonly place: readonly string[];
}

/** What a store would take for a question if it were handed on. */
const OPERATORS = [{ $ne: null }, { $gt: '' }, { $regex: '.*' }, { $where: 'sleep(5000)' }];

function* textsIn(schema: Schema, document: Document, place: readonly string[] = []): Generator<readonly string[]> {
  if (schema.$ref !== undefined)
    yield* textsIn(document.components.schemas[schema.$ref.split('/').at(-1) ?? ''] ?? {}, document, place);
  if (schema.type === 'string') yield place;
  if (schema.items) yield* textsIn(schema.items, document, [...place, '[]']);
  for (const [name, part] of Object.entries(schema.properties ?? {})) yield* textsIn(part, document, [...place, name]);
}

function fieldsOf(document: Document): Field[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, { operationId, requestBody }]) =>
      Object.values(requestBody?.content ?? {}).flatMap(({ schema }) =>
        [...textsIn(schema, document)].map((place) => ({
          operation: operationId,
          method: method.toUpperCase(),
          path,
          place,
        })),
      ),
    ),
  );
}

const bodyWith = (place: readonly string[], value: unknown): unknown =>
  place.reduceRight((inner, name) => (name === '[]' ? [inner] : { [name]: inner }), value);

describe('Q01 an operator in a field that takes text', () => {
  let api: ApiUnderTest;
  let world: World;
  let things: Things;
  let fields: Field[];

  beforeAll(async () => {
    api = await startApiUnderTest({ modules: [] });
    world = await makeWorld(api);
    things = await ownedThings(api, world);
    fields = fieldsOf(openApiDocument(api.app) as unknown as Document);
  });
  afterAll(() => api.close());

  it('is looked for in every operation that takes a body', () => {
    const names = fields.map(({ operation, place }) => `${operation} ${place.join('.')}`);
    expect(names).toEqual(
      expect.arrayContaining(['createAgent name', 'createAgent tools.[]', 'createAgent policies.[].tool']),
    );
  });

  it.each(OPERATORS)('is refused wherever it stands: %j', async (operator) => {
    const store = new StoreDigest(api.name);
    const before = await store.take();
    const wrong: string[] = [];
    for (const { operation, method, path, place } of fields) {
      const { ids, headers } = things[path] ?? {};
      const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => ids?.[name] ?? '0123456789abcdef01234567');
      // What only administrators may is asked by one, so that the field is what decides.
      const who = path.startsWith('/api/v1/admin/') ? world.admin : world.owner;
      const json = { 'content-type': 'application/json', ...headers };
      const body = JSON.stringify(bodyWith(place, operator));
      const answer = await send(api.port, {
        method,
        path: filled,
        headers: { ...bearer(who.accessToken), ...json },
        body,
      });
      const { code, errors = [] } = JSON.parse(answer.body);
      const isNamed = errors.some(({ path: at }: { path: string }) => at.startsWith(place[0] ?? ''));
      if (answer.status !== 400 || code !== 'validation_failed' || !isNamed)
        wrong.push(`${operation} ${place.join('.')}: ${answer.status} ${code}`);
    }
    expect(wrong).toEqual([]);
    expect(await store.take()).toBe(before);
    await store.close();
  });
});
