import { NotImplementedError } from '../semantics/errors.ts';
import { Binary, Doc, Int32, ObjectId, type Value } from '../semantics/value.ts';
import { MAX_DOCUMENT_BYTES, MAX_MESSAGE_BYTES, MAX_WRITE_BATCH } from '../server/limits.ts';
import type { Call, Command, Reply, Services } from './call.ts';
import { objectAt, textAt } from './fields.ts';
import { MECHANISM, startLogin } from './login.ts';

/** MongoDB 7.0: the newest whose commands are all answered here (8.0 adds `bulkWrite`). */
export const VERSION = '7.0.0';
const MAX_WIRE_VERSION = 21;

/** MongoDB's, and what the store keeps results of retryable writes for. */
export const SESSION_MINUTES = 30;

const SET_NAME = 'flowmate';

/** There was one election, at the beginning of time. */
const ELECTION = new ObjectId(Buffer.from('7fffffff0000000000000001', 'hex'));

async function hello(call: Call, services: Services): Promise<Reply> {
  const { command, client } = call;
  // Without a topologyVersion in the answer a driver polls; who waits for one would wait for nothing.
  for (const field of ['topologyVersion', 'maxAwaitTimeMS'])
    if (command.has(field)) throw new NotImplementedError(`hello with ${field}`);
  client.greeted = true;
  const speculative = await speculate(call, services);
  const me = `127.0.0.1:${services.port()}`;
  return {
    helloOk: true,
    [call.name === 'hello' ? 'isWritablePrimary' : 'ismaster']: true,
    secondary: false,
    hosts: [me],
    setName: SET_NAME,
    setVersion: new Int32(1),
    primary: me,
    me,
    electionId: ELECTION,
    lastWrite: Doc.of({ lastWriteDate: services.clock.date() }),
    maxBsonObjectSize: new Int32(MAX_DOCUMENT_BYTES),
    maxMessageSizeBytes: new Int32(MAX_MESSAGE_BYTES),
    maxWriteBatchSize: new Int32(MAX_WRITE_BATCH),
    localTime: services.clock.date(),
    logicalSessionTimeoutMinutes: new Int32(SESSION_MINUTES),
    connectionId: new Int32(client.id),
    minWireVersion: new Int32(0),
    maxWireVersion: new Int32(MAX_WIRE_VERSION),
    readOnly: false,
    ...(textAt(command, 'saslSupportedMechs') === undefined ? {} : { saslSupportedMechs: [MECHANISM] }),
    ...speculative,
  };
}

/** The first step of the login inside hello; when it is not for us, it is as if it had not been asked. */
async function speculate(call: Call, services: Services): Promise<Record<string, Value>> {
  const start = objectAt(call.command, 'speculativeAuthenticate');
  if (start.get('mechanism') !== MECHANISM || start.get('db') !== 'admin') return {};
  if (!(start.get('payload') instanceof Binary)) return {};
  return { speculativeAuthenticate: Doc.of(await startLogin(start, call.client, services)) };
}

const HELLO: Command = {
  open: true,
  lenient: true,
  fields: {
    helloOk: 'flag',
    client: 'object',
    compression: 'list',
    loadBalanced: 'unset',
    hostInfo: 'string',
    saslSupportedMechs: 'string',
    speculativeAuthenticate: 'object',
    topologyVersion: 'any',
    maxAwaitTimeMS: 'any',
  },
  run: hello,
};

export const HELLO_COMMANDS: Readonly<Record<string, Command>> = { hello: HELLO, isMaster: HELLO, ismaster: HELLO };
