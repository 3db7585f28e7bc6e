import { setTimeout as delay } from 'node:timers/promises';
import { MongoError } from '../semantics/errors.ts';
import { Binary, type Doc, Int32 } from '../semantics/value.ts';
import type { Client } from '../server/client.ts';
import { FAILED_LOGIN_DELAY_MS } from '../server/limits.ts';
import { ScramConversation } from '../server/scram.ts';
import type { Call, Command, Reply, Services } from './call.ts';
import { flagAt, objectAt, wholeAt } from './fields.ts';

export const MECHANISM = 'SCRAM-SHA-256';
const CONVERSATION = 1;

const payloadOf = (command: Doc): string => {
  const payload = command.get('payload');
  if (!(payload instanceof Binary)) throw new MongoError(14, "BSON field 'payload' must be binary");
  return Buffer.from(payload.bytes).toString('utf8');
};

const step = (done: boolean, payload: string): Reply => ({
  conversationId: new Int32(CONVERSATION),
  done,
  payload: new Binary(0, Buffer.from(payload)),
});

async function refuse(client: Client): Promise<never> {
  client.login = undefined;
  client.proven = false;
  client.loggedIn = false;
  await delay(FAILED_LOGIN_DELAY_MS);
  throw new MongoError(18, 'Authentication failed.');
}

export async function startLogin(start: Doc, client: Client, { credential }: Services): Promise<Reply> {
  const login = new ScramConversation(credential, flagAt(objectAt(start, 'options'), 'skipEmptyExchange'));
  const challenge = login.start(payloadOf(start));
  if (challenge === undefined) return refuse(client);
  client.login = login;
  client.proven = false;
  return step(false, challenge);
}

async function saslStart(call: Call, services: Services): Promise<Reply> {
  const mechanism = call.command.get('mechanism');
  if (mechanism !== MECHANISM) throw new MongoError(334, `Only ${MECHANISM} is supported, not ${String(mechanism)}`);
  if (call.db !== 'admin') return refuse(call.client);
  return startLogin(call.command, call.client, services);
}

function loggedIn(client: Client): void {
  client.login = undefined;
  client.proven = false;
  client.loggedIn = true;
}

async function saslContinue({ command, client }: Call): Promise<Reply> {
  if (!client.login || wholeAt(command, 'conversationId') !== CONVERSATION)
    throw new MongoError(17, 'No SASL session state found');
  if (client.proven) {
    loggedIn(client);
    return step(true, '');
  }
  const signature = client.login.finish(payloadOf(command));
  if (signature === undefined) return refuse(client);
  if (!client.login.skipsEmptyExchange) {
    client.proven = true;
    return step(false, signature);
  }
  loggedIn(client);
  return step(true, signature);
}

export const LOGIN_COMMANDS: Readonly<Record<string, Command>> = {
  saslStart: {
    open: true,
    fields: { mechanism: 'string', payload: 'any', options: 'object', autoAuthorize: 'flag' },
    run: saslStart,
  },
  saslContinue: { open: true, fields: { conversationId: 'whole', payload: 'any' }, run: saslContinue },
  logout: {
    fields: {},
    run: ({ client }) => {
      client.loggedIn = false;
      return {};
    },
  },
};
