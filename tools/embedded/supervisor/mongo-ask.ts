import { connect } from 'node:net';
import { decode, Doc, encode, Int32, type Value } from '../mongo/semantics/index.ts';
import { HOST } from './address.ts';

/** Message header of the wire protocol: length, request id, response to, opcode; then flags and a section kind. */
const OP_MSG = 2013;
const HEADER_BYTES = 16;
const BODY_AT = HEADER_BYTES + 5;

/** Answered by every server, before any login. */
export const HELLO = { hello: new Int32(1) };

/** One command in one OP_MSG. */
export function message(command: Record<string, Value>): Buffer {
  const body = encode(Doc.of({ ...command, $db: 'admin' }));
  const head = Buffer.alloc(BODY_AT);
  head.writeInt32LE(BODY_AT + body.length, 0);
  head.writeInt32LE(1, 4);
  head.writeInt32LE(OP_MSG, 12);
  return Buffer.concat([head, body]);
}

/** Asks without logging in; undefined when there is no answer in time. */
export function askMongo(port: number, command: Record<string, Value>, withinMs: number): Promise<Doc | undefined> {
  return new Promise((resolve) => {
    let bytes = Buffer.alloc(0);
    const socket = connect({ port, host: HOST, timeout: withinMs });
    const settle = (result: Doc | undefined): void => {
      socket.destroy();
      resolve(result);
    };
    socket.on('connect', () => socket.write(message(command)));
    socket.on('data', (piece: Buffer) => {
      bytes = Buffer.concat([bytes, piece]);
      if (bytes.length < BODY_AT || bytes.length < bytes.readInt32LE(0)) return;
      settle(decode(bytes.subarray(BODY_AT, bytes.readInt32LE(0))));
    });
    socket.on('timeout', () => settle(undefined));
    socket.on('error', () => settle(undefined));
    socket.on('close', () => settle(undefined));
  });
}
