// Builds the images without a Docker engine and without a registry of images: Debian's own tools make the base, and
// the Node of this project goes on top of it.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ROOT } from './checkers.mjs';
import { run } from './run.mjs';

const BASE = 'localhost/flowmate-check-base';
const NODE = 'localhost/flowmate-check-node';

/** Where Debian and its kin keep the certificates that npm may need to reach its registry. */
const CERTIFICATES = '/etc/ssl/certs';

/** What the slim images of Debian leave out, too. */
const NOT_SLIM = ['var/cache/apt', 'var/lib/apt/lists', 'usr/share/doc', 'usr/share/man', 'usr/share/locale'];

/**
 * @typedef {object} ImageConfig
 * @property {string} User
 * @property {string[]} Env
 * @property {string[]} Entrypoint
 * @property {string[]} Cmd
 * @property {string} WorkingDir
 * @property {string} StopSignal
 * @property {Record<string, object>} ExposedPorts
 * @property {Record<string, string>} Labels
 * @property {{ Test: string[], Interval: number, Timeout: number, StartPeriod: number, Retries: number }} Healthcheck
 */

export class Builder {
  #storage = mkdtempSync(join(tmpdir(), 'flowmate-image-'));

  /** @param {string[]} args */
  #buildah(...args) {
    const storage = ['--root', join(this.#storage, 'root'), '--runroot', join(this.#storage, 'run')];
    const { code, output, stdout } = run('buildah', [...storage, '--storage-driver', 'vfs', ...args], { cwd: ROOT });
    assert.equal(code, 0, `buildah ${args[0]}: ${output}`);
    return stdout.trim();
  }

  /** The two images that the Dockerfiles start from. */
  prepare() {
    const base = this.#buildah('from', 'scratch');
    this.#buildah('add', '--quiet', base, baseArchive(), '/');
    this.#buildah('commit', '--quiet', '--format', 'docker', '--rm', base, BASE);
    const node = this.#buildah('from', '--pull-never', BASE);
    const npm = dirname(dirname(realpathSync(run('sh', ['-c', 'command -v npm']).stdout.trim())));
    this.#buildah('add', '--quiet', node, realpathSync(process.execPath), '/usr/local/bin/node');
    this.#buildah('add', '--quiet', node, npm, '/usr/local/lib/node_modules/npm');
    const link = ['ln', '-s', '../lib/node_modules/npm/bin/npm-cli.js', '/usr/local/bin/npm'];
    this.#buildah('run', '--isolation', 'chroot', node, '--', ...link);
    const registry = run('npm', ['config', 'get', 'registry'], { cwd: ROOT }).stdout.trim();
    const env = [`npm_config_registry=${registry}`, `NODE_EXTRA_CA_CERTS=${CERTIFICATES}/ca-certificates.crt`];
    this.#buildah('config', ...env.flatMap((entry) => ['--env', entry]), node);
    this.#buildah('commit', '--quiet', '--format', 'docker', '--rm', node, NODE);
  }

  /**
   * @param {string} part   api or worker
   * @returns {{ config: ImageConfig, rootfs: string, ownBytes: number }}
   */
  build(part) {
    const image = `localhost/flowmate-${part}`;
    const npmCache = run('npm', ['config', 'get', 'cache'], { cwd: ROOT }).stdout.trim();
    const volumes = [`${npmCache}:/root/.npm`, `${CERTIFICATES}:${CERTIFICATES}:ro`];
    const options = ['--isolation', 'chroot', '--format', 'docker', '--pull-never', '--file', `Dockerfile.${part}`];
    const bases = ['--build-arg', `NODE_IMAGE=${NODE}`, '--build-arg', `BASE_IMAGE=${BASE}`];
    const mounts = volumes.flatMap((volume) => ['--volume', volume]);
    this.#buildah('build', ...options, ...bases, ...mounts, '--tag', image, '.');
    const { config } = JSON.parse(this.#buildah('inspect', '--type', 'image', image)).Docker;
    const rootfs = this.#mount(image);
    return { config, rootfs, ownBytes: bytesOf(rootfs) - bytesOf(this.#mount(BASE)) };
  }

  /** @param {string} image */
  #mount(image) {
    return this.#buildah('mount', this.#buildah('from', '--pull-never', image));
  }

  /** vfs mounts nothing: its folders are plain copies. */
  remove() {
    rmSync(this.#storage, { recursive: true, force: true });
  }
}

/** Debian bookworm as small as debootstrap makes it, made once. */
function baseArchive() {
  const folder = join(ROOT, 'node_modules', '.cache', 'flowmate-packaging');
  const archive = join(folder, 'base-bookworm.tar');
  if (existsSync(archive)) return archive;
  mkdirSync(folder, { recursive: true });
  const fresh = mkdtempSync(join(tmpdir(), 'flowmate-base-'));
  try {
    const made = run('debootstrap', ['--variant=minbase', 'bookworm', fresh]);
    assert.equal(made.code, 0, made.output.split('\n').slice(-5).join('\n'));
    for (const path of NOT_SLIM) rmSync(join(fresh, path), { recursive: true, force: true });
    const packed = run('tar', ['-C', fresh, '--exclude=./dev/*', '-cf', `${archive}.part`, '.']);
    assert.equal(packed.code, 0, packed.output);
    renameSync(`${archive}.part`, archive);
    return archive;
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

/** @param {string} folder */
function bytesOf(folder) {
  return Number.parseInt(run('du', ['--summarize', '--bytes', folder]).stdout, 10);
}
