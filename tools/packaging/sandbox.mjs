import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { run } from './run.mjs';

/** The image's health check starts a Node each time; twice a second is often enough to measure by. */
const HEALTH_POLL_MS = 500;
/** The start period that the images ask for. */
const START_LIMIT_MS = 30_000;
/** Above the 35 s in which a worker puts down what it holds. */
const STOP_LIMIT_MS = 45_000;

/**
 * As a container has it: the image read-only, /tmp alone writable, process 1, uid 10001, no capability. The network is
 * the machine's.
 * @param {string} rootfs
 * @param {import('./builder.mjs').ImageConfig} config
 * @param {Record<string, string>} settings
 */
function sandbox(rootfs, config, settings) {
  const path = ['PATH', '/usr/local/bin:/usr/bin:/bin'];
  const image = config.Env.map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]);
  const variables = [path, ...image, ...Object.entries(settings)].flatMap((pair) => ['--setenv', ...pair]);
  const folders = ['--ro-bind', rootfs, '/', '--proc', '/proc', '--dev', '/dev', '--tmpfs', '/tmp'];
  const rights = [
    '--cap-drop',
    'ALL',
    ...['SETUID', 'SETGID', 'SETPCAP'].flatMap((cap) => ['--cap-add', `CAP_${cap}`]),
  ];
  const isolation = ['--unshare-pid', '--unshare-ipc', '--unshare-uts', '--as-pid-1', '--die-with-parent'];
  const [uid = '', gid = ''] = config.User.split(':');
  // setpriv gives up the last rights and becomes the program: its process id stays.
  const ids = ['--reuid', uid, '--regid', gid, '--clear-groups', '--no-new-privs'];
  const drop = ['setpriv', ...ids, '--inh-caps=-all', '--bounding-set=-all', '--'];
  const files = [...folders, '--chdir', config.WorkingDir];
  return [...isolation, ...files, '--clearenv', ...variables, ...rights, '--', ...drop];
}

/**
 * Starts an image, waits until its own health check is content, ends it as Kubernetes would.
 * @param {string} rootfs
 * @param {import('./builder.mjs').ImageConfig} config
 * @param {Record<string, string>} settings
 */
export async function tryOut(rootfs, config, settings) {
  const box = sandbox(rootfs, config, settings);
  const started = performance.now();
  const command = [...config.Entrypoint, ...config.Cmd];
  const child = spawn('bwrap', ['--info-fd', '3', ...box, ...command], { stdio: ['ignore', 'pipe', 'pipe', 'pipe'] });
  let log = '';
  let info = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (log += chunk));
  child.stdio[3]?.on('data', (chunk) => (info += chunk));
  /** @type {Promise<number | null>} */
  const ended = new Promise((resolve) => child.once('close', resolve));
  try {
    const healthy = async () => {
      while (child.exitCode === null && performance.now() - started < START_LIMIT_MS) {
        if (run('bwrap', [...box, ...config.Healthcheck.Test.slice(1)]).code === 0) return true;
        await pause(HEALTH_POLL_MS);
      }
      return false;
    };
    assert.ok(await healthy(), `not healthy, or ended, within ${START_LIMIT_MS / 1000} s:\n${log}`);
    const healthyMs = performance.now() - started;
    const pid = JSON.parse(info)['child-pid'];
    const rights = rightsOf(pid);
    const stopping = performance.now();
    process.kill(pid, 'SIGTERM');
    const late = pause(STOP_LIMIT_MS, 'late', { ref: false });
    const exitCode = await Promise.race([ended, late]);
    return { healthyMs, rights, exitCode, stopMs: performance.now() - stopping, log };
  } finally {
    if (child.exitCode === null) child.kill('SIGKILL');
  }
}

/** @param {number} pid */
function rightsOf(pid) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const field = (/** @type {string} */ name) => status.match(new RegExp(`^${name}:\\s*(.*)$`, 'm'))?.[1] ?? '';
  return {
    program: readlinkSync(`/proc/${pid}/exe`),
    pidInside: Number(field('NSpid').split(/\s+/).at(-1)),
    uids: [...new Set(field('Uid').split(/\s+/))],
    capabilities: [
      ...new Set(['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb'].map((set) => BigInt(`0x${field(set)}`))),
    ],
    noNewPrivileges: field('NoNewPrivs') === '1',
  };
}
