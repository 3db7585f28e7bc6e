import { encode } from '../semantics/bson/encode.ts';
import { MongoError, NotImplementedError } from '../semantics/errors.ts';
import { Doc, Int32, type Value } from '../semantics/value.ts';
import type { Client } from '../server/client.ts';
import type { Service } from '../server/connection.ts';
import type { Request } from '../server/wire.ts';
import type { Call, Command, Reply, Services } from './call.ts';
import { checkField, own } from './fields.ts';
import { checkDatabase } from './namespace.ts';
import { COMMON, deadlineOf, sessionOf, writeConcernErrorOf } from './options.ts';
import { COMMANDS } from './registry.ts';
import { REASONS, UNSUPPORTED_COMMANDS } from './unsupported.ts';

/** Where MongoDB tells drivers that a numbered write may be sent again. */
const RETRYABLE_CODES: ReadonlySet<number> = new Set([91]);

function commandOf(name: string, { client, legacy }: { client: Client; legacy: boolean }): Command {
  const command = COMMANDS.get(name);
  if (!command && !UNSUPPORTED_COMMANDS.has(name)) throw new MongoError(59, `no such command: '${name}'`);
  if (!client.loggedIn && !command?.open) throw new MongoError(13, `Command ${name} requires authentication`);
  if (!command) throw new NotImplementedError(name, own(REASONS, name));
  const handshake = name === 'hello' || name === 'isMaster' || name === 'ismaster';
  if (legacy && !handshake)
    throw new MongoError(352, `Unsupported OP_QUERY command: ${name}. The client driver may require an upgrade.`);
  return command;
}

function checkFields(name: string, asked: Command, { command, sequences }: Request): void {
  let first = true;
  for (const [field, value] of command) {
    if (first) {
      first = false;
      continue;
    }
    const common = COMMON.get(field);
    if (common) common(value, command);
    else if (!asked.lenient || own(asked.fields, field))
      checkField(name, field, { rule: own(asked.fields, field), value });
  }
  for (const field of sequences.keys()) {
    if (own(asked.fields, field) !== 'list')
      throw new MongoError(40415, `BSON field '${name}.${field}' is an unknown field.`);
    if (command.has(field)) throw new MongoError(40413, `BSON field '${name}.${field}' is a duplicate field`);
  }
}

async function run(request: Request, client: Client, services: Services): Promise<Reply> {
  const { command } = request;
  const name = command.firstKey() ?? '';
  const asked = commandOf(name, { client, legacy: request.legacy });
  if (services.stopping()) throw new MongoError(91, 'The server is shutting down');
  const db = request.legacy ? 'admin' : command.get('$db');
  checkDatabase(db);
  checkFields(name, asked, request);
  const session = sessionOf(command, name, asked);
  const deadline = deadlineOf(command, name);
  if (!asked.writes && command.has('writeConcern')) throw new MongoError(72, 'Command does not support writeConcern');
  const writeConcernError = writeConcernErrorOf(command);
  const { sequences, depth } = request;
  const call: Call = { name, db, command, sequences, depth, client, session, deadline };
  const reply = await asked.run(call, services);
  return writeConcernError ? { ...reply, writeConcernError } : reply;
}

/** What is not MongoDB's error is a fault of ours, and told aloud: never a crash, never silence. */
function toMongoError(failure: unknown): MongoError {
  if (failure instanceof MongoError) return failure;
  if (failure instanceof RangeError && failure.message.includes('call stack'))
    return new MongoError(15, 'the command nests too deeply');
  const error = failure instanceof Error ? (failure.stack ?? failure.message) : String(failure);
  process.stderr.write(`${JSON.stringify({ level: 'error', message: 'command failed', error })}\n`);
  return new MongoError(1, `internal error: ${failure instanceof Error ? failure.message : String(failure)}`);
}

function errorReply(error: MongoError, numbered: boolean): Reply {
  const reply: Reply = { ok: 0, errmsg: error.message, code: new Int32(error.code), codeName: error.codeName };
  for (const name of ['keyPattern', 'keyValue'] as const)
    if (name in error) reply[name] = (error as unknown as Record<string, Value>)[name]!;
  if (numbered && RETRYABLE_CODES.has(error.code)) reply['errorLabels'] = ['RetryableWriteError'];
  return reply;
}

/** Answers requests: one command in, one document out, whatever happens. */
export function createService(services: Services): Service {
  const finish = (reply: Reply): Buffer => encode(Doc.of({ ...reply, ...services.clock.tick() }));
  return {
    answer: async (request, client) => {
      try {
        return finish({ ...(await run(request, client, services)), ok: 1 });
      } catch (failure) {
        return finish(errorReply(toMongoError(failure), request.command.has('txnNumber')));
      }
    },
    refuse: (error) => finish(errorReply(error, false)),
  };
}
