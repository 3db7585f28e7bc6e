import { NotImplementedError } from '../semantics/errors.ts';
import { Binary, Doc, Int32 } from '../semantics/value.ts';
import { MAX_DOCUMENT_BYTES } from '../server/limits.ts';
import { randomBytes } from 'node:crypto';
import type { Call, Command, Reply, Services } from './call.ts';
import { listAt, missing } from './fields.ts';
import { SESSION_MINUTES, VERSION } from './hello.ts';
import { COMMON, sessionIdOf } from './options.ts';

const versionArray = (): Int32[] => [...VERSION.split('.').map((part) => new Int32(Number(part))), new Int32(0)];

const buildInfo = (): Reply => ({
  version: VERSION,
  gitVersion: '',
  modules: [],
  sysInfo: 'embedded, for trying, developing and testing on one machine',
  versionArray: versionArray(),
  bits: new Int32(64),
  debug: false,
  maxBsonObjectSize: new Int32(MAX_DOCUMENT_BYTES),
  storageEngines: ['sqlite'],
  // What production refuses to start on.
  flowmateEmbedded: true,
});

function connectionStatus({ client }: Call, { credential }: Services): Reply {
  const users = client.loggedIn ? [Doc.of({ user: credential.user, db: 'admin' })] : [];
  const roles = client.loggedIn ? [Doc.of({ role: 'root', db: 'admin' })] : [];
  return { authInfo: Doc.of({ authenticatedUsers: users, authenticatedUserRoles: roles }) };
}

function serverStatus(_call: Call, { clock, connections, cursors, port, startedAt }: Services): Reply {
  const memory = process.memoryUsage();
  const uptime = (Date.now() - startedAt) / 1000;
  const { open, total } = connections();
  return {
    host: `127.0.0.1:${port()}`,
    version: VERSION,
    process: 'flowmate-embedded',
    pid: BigInt(process.pid),
    uptime,
    uptimeMillis: BigInt(Math.round(uptime * 1000)),
    localTime: clock.date(),
    connections: Doc.of({ current: new Int32(open), totalCreated: new Int32(total) }),
    mem: Doc.of({ bits: new Int32(64), resident: new Int32(Math.round(memory.rss / 1_048_576)) }),
    metrics: Doc.of({ cursor: Doc.of({ open: Doc.of({ total: BigInt(cursors.count) }) }) }),
    storageEngine: Doc.of({ name: 'sqlite', persistent: true }),
  };
}

/** The one parameter drivers and tools ask for. */
function getParameter({ command }: Call): Reply {
  const names = [...command.keys()].filter((name) => name !== 'getParameter' && !COMMON.has(name));
  const other = names.find((name) => name !== 'featureCompatibilityVersion');
  if (other !== undefined || names.length === 0) throw new NotImplementedError(`getParameter of ${other ?? 'all'}`);
  return { featureCompatibilityVersion: Doc.of({ version: '7.0' }) };
}

/** With a list only of these sessions; an empty one means all to `killSessions`. */
function endSessions(call: Call, { cursors }: Services): Reply {
  const sessions = listAt(call.command, call.name);
  if (!sessions) throw missing(call.name, call.name);
  for (const session of sessions) cursors.endOfSession(sessionIdOf(session));
  return {};
}

function refreshSessions(call: Call): Reply {
  for (const session of listAt(call.command, call.name) ?? []) sessionIdOf(session);
  return {};
}

function startSession(): Reply {
  const uuid = randomBytes(16);
  uuid[6] = (uuid[6]! & 0x0f) | 0x40;
  uuid[8] = (uuid[8]! & 0x3f) | 0x80;
  return { id: Doc.of({ id: new Binary(4, uuid) }), timeoutMinutes: new Int32(SESSION_MINUTES) };
}

const BUILD_INFO: Command = { fields: {}, run: buildInfo };

export const DIAGNOSTIC_COMMANDS: Readonly<Record<string, Command>> = {
  ping: { fields: {}, run: () => ({}) },
  buildInfo: BUILD_INFO,
  buildinfo: BUILD_INFO,
  connectionStatus: { fields: { showPrivileges: 'unset' }, run: connectionStatus },
  serverStatus: { fields: {}, run: serverStatus },
  getParameter: { fields: {}, lenient: true, run: getParameter },
  endSessions: { fields: {}, run: endSessions },
  killSessions: { fields: {}, run: endSessions },
  refreshSessions: { fields: {}, run: refreshSessions },
  startSession: { fields: {}, run: startSession },
};
