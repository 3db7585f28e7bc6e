import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findRedisServer } from '../supervisor/redis-server.ts';
import { BULLMQ } from './contract/bullmq.ts';
import { COMMANDS } from './contract/commands.ts';
import { PERSISTENCE } from './contract/persistence.ts';
import { Scene, type ServerKind } from './contract/scene.ts';

/** In this order: the last ones restart the server. */
const CONTRACT = Object.entries({ ...COMMANDS, ...BULLMQ, ...PERSISTENCE });
const installed = findRedisServer();
const SERVERS: { kind: ServerKind; title: string }[] = [
  { kind: 'embedded', title: 'embedded Redis' },
  // The comparison needs a redis-server on PATH; the promise is about the embedded one.
  ...(installed ? [{ kind: 'installed' as const, title: installed.title }] : []),
];

describe.each(SERVERS)('$title', ({ kind, title }) => {
  const folder = mkdtempSync(join(tmpdir(), 'flowmate-redis-'));
  const scene = new Scene(kind, folder);
  let kept = 0;

  beforeAll(() => scene.start());
  afterEach(() => scene.close());
  afterAll(async () => {
    await scene.stop();
    rmSync(folder, { recursive: true });
    process.stdout.write(`${title}: ${kept} of ${CONTRACT.length} promises of the contract kept\n`);
  });

  it.each(CONTRACT)(
    '%s',
    async (_promise, check) => {
      await expect(check(scene)).resolves.toBeUndefined();
      kept += 1;
    },
    20_000,
  );

  it('is the server that was asked for', () => {
    expect(scene.process.name).toBe(kind === 'embedded' ? 'redis-wasm' : 'redis-server');
  });
});
