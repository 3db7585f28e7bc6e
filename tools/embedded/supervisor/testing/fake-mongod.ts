import { appendFileSync, existsSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { decode, Doc, encode, Int32, type Value } from '../../mongo/semantics/index.ts';

/**
 * Plays the part of a mongod that the supervisor talks to before it hands out an address: a member
 * without a set, a set without a primary for a while, the localhost exception that ends with the first
 * user. What it was asked is in `asked.jsonl` of its data folder.
 */
if (process.argv.includes('--version')) {
  process.stdout.write(`db version v${process.env['FAKE_MONGOD_VERSION'] ?? '8.0.4'}\nBuild Info: {}\n`);
  process.exit(0);
}

const text = { type: 'string' } as const;
const { values } = parseArgs({
  options: {
    dbpath: text,
    port: text,
    bind_ip: text,
    replSet: text,
    keyFile: text,
    nounixsocket: { type: 'boolean' },
    quiet: { type: 'boolean' },
  },
});
const folder = values.dbpath ?? '.';
const inFolder = (name: string): string => join(folder, name);
const HEAD_BYTES = 21;
/** hellos until the member that was just founded becomes primary. */
let electionRounds = 2;

function hello(): Record<string, Value> {
  if (!existsSync(inFolder('set'))) return { isWritablePrimary: false, isreplicaset: true, ok: 1 };
  electionRounds -= 1;
  return { setName: 'flowmate', isWritablePrimary: electionRounds < 0, ok: 1 };
}

function answer(command: Doc): Record<string, Value> {
  const [name] = command.keys();
  if (name === 'hello') return hello();
  appendFileSync(inFolder('asked.jsonl'), `${JSON.stringify({ name, user: command.get(String(name)) })}\n`);
  if (name === 'replSetInitiate') {
    writeFileSync(inFolder('set'), '');
    return { ok: 1 };
  }
  if (name !== 'createUser') return { ok: 0, code: new Int32(59), errmsg: 'no such command' };
  if (existsSync(inFolder('user'))) return { ok: 0, code: new Int32(13), errmsg: 'requires authentication' };
  writeFileSync(inFolder('user'), String(command.get('pwd')));
  return { ok: 1 };
}

createServer((socket) => {
  socket.on('error', () => undefined); // whoever asks hangs up as they like
  socket.on('data', (message: Buffer) => {
    const body = encode(Doc.of(answer(decode(message.subarray(HEAD_BYTES)))));
    const head = Buffer.from(message.subarray(0, HEAD_BYTES));
    head.writeInt32LE(HEAD_BYTES + body.length, 0);
    socket.write(head);
    socket.write(body);
  });
}).listen(Number(values.port), values.bind_ip);
process.once('disconnect', () => process.exit(0));
