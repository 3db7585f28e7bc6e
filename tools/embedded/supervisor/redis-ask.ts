import { connect } from 'node:net';
import { encodeCommand, ReplyReader, type Reply } from '../redis/resp.ts';
import { HOST } from './address.ts';

/** Sends commands over one connection; undefined when not all are answered in time. */
export function ask(port: number, commands: readonly string[][], withinMs: number): Promise<Reply[] | undefined> {
  return new Promise((resolve) => {
    const reader = new ReplyReader();
    const replies: Reply[] = [];
    const socket = connect({ port, host: HOST, timeout: withinMs });
    const settle = (result: Reply[] | undefined): void => {
      socket.destroy();
      resolve(result);
    };
    socket.on('connect', () => socket.write(Buffer.concat(commands.map(encodeCommand))));
    socket.on('data', (bytes: Buffer) => {
      reader.push(bytes);
      for (let reply = reader.take(); reply !== undefined; reply = reader.take()) replies.push(reply);
      if (replies.length >= commands.length) settle(replies);
    });
    socket.on('timeout', () => settle(undefined));
    socket.on('error', () => settle(undefined));
    socket.on('close', () => settle(undefined));
  });
}
