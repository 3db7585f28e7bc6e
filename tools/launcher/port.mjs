import { createServer } from 'node:net';
import { LaunchError } from './launch-error.mjs';

/** @typedef {import('./environment.mjs').Variables} Variables */
/**
 * @typedef {object} PortInUse
 * @property {string} variable
 * @property {number} port
 * @property {boolean} [isChosen]   by the launcher, because the setting is 0
 *
 * @typedef {Omit<import('./project.mjs').ChildSpec, 'ports'> & { ports: PortInUse[], origin: string }} PlacedChild
 */

/** How many ports after a busy one are tried before the message names none. */
const NEIGHBOURS = 20;
const OFF = ['false', '0', 'no', 'off'];

/**
 * The ports of a child as they are set. What is no port at all is left out: the child says so better.
 * @param {import('./project.mjs').ChildSpec} spec
 * @param {Variables} set
 * @returns {PortInUse[]}
 */
function portsOf(spec, set) {
  return spec.ports
    .filter(({ enabledBy }) => !enabledBy || !OFF.includes((set[enabledBy] ?? '').toLowerCase()))
    .map(({ variables, fallback }) => {
      const variable = variables.find((name) => set[name]) ?? variables[0] ?? '';
      return { variable, port: Number(set[variable] || fallback) };
    })
    .filter(({ port }) => Number.isInteger(port) && port >= 0 && port < 2 ** 16);
}

/**
 * @param {readonly import('./project.mjs').ChildSpec[]} children
 * @param {Variables} set
 * @param {string} host
 * @returns {Promise<PlacedChild[]>}
 */
export function place(children, set, host) {
  const placed = children.map(async (spec) => {
    const ports = await Promise.all(portsOf(spec, set).map((inUse) => chosen(inUse, host)));
    return { ...spec, ports, origin: `http://${host}:${ports[0]?.port}` };
  });
  return Promise.all(placed);
}

/**
 * A setting of 0 lets the system choose, and somebody has to know the choice to ask for the health.
 * @param {PortInUse} inUse
 * @param {string} host
 * @returns {Promise<PortInUse>}
 */
async function chosen(inUse, host) {
  return inUse.port === 0 ? { ...inUse, port: await anyFree(host), isChosen: true } : inUse;
}

/**
 * Where to reach a child that listens on the host of the settings.
 * @param {Variables} set
 */
export function reachableHost(set) {
  const host = set['SERVER_HOST'] || '127.0.0.1';
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}

/**
 * @param {readonly PortInUse[]} ports
 * @param {string} host
 */
export async function requireFree(ports, host) {
  for (const [index, { variable, port }] of ports.entries()) {
    const twin = ports.slice(0, index).find((other) => other.port === port && port !== 0);
    if (twin)
      throw new LaunchError(`${twin.variable} and ${variable} are both ${port}. Give one of them another port.`);
    if (!(await isFree(port, host))) throw await busy({ variable, port }, host);
  }
}

/**
 * @param {PortInUse} inUse
 * @param {string} host
 */
export async function busy({ variable, port }, host) {
  const free = await freeAfter(port, host);
  const way = free ? `${variable}=${free} npm start` : `set ${variable} to a free port`;
  return new LaunchError(`Port ${port} (${variable}) is in use by another program. Choose another one: ${way}`);
}

/**
 * @param {number} port
 * @param {string} host
 */
async function freeAfter(port, host) {
  for (let next = port + 1; next <= port + NEIGHBOURS && next < 2 ** 16; next += 1) {
    if (await isFree(next, host)) return next;
  }
  return null;
}

/**
 * Listening is the only question the system answers for certain. Other refusals than "in use", such as a
 * privileged port, are left to the child to explain.
 * @param {number} port
 * @param {string} host
 * @returns {Promise<boolean>}
 */
function isFree(port, host) {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error) => resolve(/** @type {NodeJS.ErrnoException} */ (error).code !== 'EADDRINUSE'));
    server.listen({ port, host: host.replace(/[[\]]/g, ''), exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/**
 * @param {string} host
 * @returns {Promise<number>}
 */
function anyFree(host) {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ port: 0, host: host.replace(/[[\]]/g, '') }, () => {
      const address = server.address();
      const port = typeof address === 'object' && address ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}

/**
 * The port a child could not have, as its last lines tell it.
 * @param {readonly string[]} lines
 * @returns {number | null}
 */
export function refusedPort(lines) {
  for (const line of lines) {
    const [, raw, told] = /EADDRINUSE.*?:(\d{1,5})\b|\bPort (\d{1,5}) is in use\b/.exec(line) ?? [];
    if (raw ?? told) return Number(raw ?? told);
  }
  return null;
}
