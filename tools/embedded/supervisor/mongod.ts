import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Doc, Int32, type Value } from '../mongo/semantics/index.ts';
import { freePort, HOST } from './address.ts';
import { mongoUri } from './embedded.ts';
import { findOnPath, isAtLeast, versionOf } from './executable.ts';
import { writeWhole } from './folder.ts';
import { askMongo, HELLO, message } from './mongo-ask.ts';
import { StoresError } from './stores-error.ts';
import type { Place, Variant } from './variant.ts';

/** The oldest that the recorded answers and the hosted pipeline are checked against. */
const LEAST_VERSION = [7, 0] as const;
const VERSION = /version v(\d+\.\d+\.\d+)/;
const SET = 'flowmate';
const LOOK_EVERY_MS = 50;
const ANSWER_WITHIN_MS = 5_000;
/** A key file holds 6 to 1,024 base64 characters. */
const KEY_BYTES = 96;
/** Error codes: the localhost exception has ended, because there is a user; or just this user exists. */
const USER_EXISTS = new Set([13, 51_003]);

/**
 * The mongod of this machine. A set of one member, because only members of a set offer what the
 * application uses (retryable writes, majority); with a key file, because that switches logging in on.
 */
export function findMongod(environment = process.env): Variant | undefined {
  const program = environment['MONGOD_BIN'] ?? findOnPath('mongod', environment['PATH']);
  const version = program && versionOf(program, VERSION);
  if (environment['MONGOD_BIN'] && !version) throw new StoresError(`MONGOD_BIN cannot be run: ${program}`);
  if (!program || !version || !isAtLeast(version, LEAST_VERSION)) return undefined;
  return {
    name: 'mongod',
    store: 'mongo',
    title: `mongod ${version}`,
    prepare: (place) => ({ command: [program, ...argumentsFor(place)] }),
    choosePort: freePort,
    untilReady: async (place, child) => {
      await untilPrimary(place, () => child.ended.aborted);
      return place.port;
    },
    knock: message(HELLO),
    uri: mongoUri,
  };
}

function argumentsFor({ folder, port }: Place): string[] {
  keepPort(join(folder, 'port'), port);
  const key = join(folder, 'keyfile');
  if (!existsSync(key)) writeWhole(key, `${randomBytes(KEY_BYTES).toString('base64')}\n`);
  const data = join(folder, 'db');
  mkdirSync(data, { recursive: true, mode: 0o700 });
  const place = ['--dbpath', data, '--port', `${port}`, '--bind_ip', HOST, '--nounixsocket'];
  return [...place, '--replSet', SET, '--keyFile', key, '--quiet'];
}

/** The set's configuration names its member by port; under another one it would find itself nowhere. */
function keepPort(file: string, port: number): void {
  const kept = keptPort(file);
  if (kept === undefined) writeWhole(file, `${port}\n`);
  else if (kept !== port) {
    throw new StoresError(`This mongod folder was set up for port ${kept} and cannot use ${port} (see ${file}).`);
  }
}

export function keptPort(file: string): number | undefined {
  return existsSync(file) ? Number(readFileSync(file, 'utf8')) : undefined;
}

/**
 * Every step may be repeated, so a start that was cut off anywhere is finished by the next one: found
 * the set when there is none, wait for its primary, make the user when there is none.
 */
async function untilPrimary({ port, password }: Place, hasEnded: () => boolean): Promise<void> {
  while (!hasEnded()) {
    const hello = await askMongo(port, HELLO, ANSWER_WITHIN_MS);
    if (hello?.get('isWritablePrimary') === true) return makeUser(port, password);
    if (hello && !hello.has('setName')) await foundSet(port);
    await delay(LOOK_EVERY_MS);
  }
}

async function foundSet(port: number): Promise<void> {
  const member = Doc.of({ _id: new Int32(0), host: `${HOST}:${port}` });
  // Refused while the server still starts or when it is done already: the next look tells.
  await askMongo(port, { replSetInitiate: Doc.of({ _id: SET, members: [member] }) }, ANSWER_WITHIN_MS);
}

async function makeUser(port: number, password: string): Promise<void> {
  const roles = [Doc.of({ role: 'root', db: 'admin' })];
  const answer = await askMongo(port, { createUser: 'flowmate', pwd: password, roles }, ANSWER_WITHIN_MS);
  if (!answer) throw new StoresError('mongod did not answer when its user was to be made.');
  const isDone = asNumber(answer.get('ok')) === 1 || USER_EXISTS.has(asNumber(answer.get('code')));
  if (!isDone) throw new StoresError(`mongod refused to make the user: ${String(answer.get('errmsg'))}`);
}

function asNumber(value: Value | undefined): number {
  return value instanceof Int32 ? value.value : Number(value);
}
