import { createSocket } from 'node:dgram';

/** A DNS server on loopback that answers A queries from a list and all others with nothing. */
export interface NameServer extends AsyncDisposable {
  readonly address: string;
  readonly asked: string[];
}

/** RFC 1035 §4: header of 12 bytes, labels, type and class; an answer points back to the name at byte 12. */
function reply(query: Buffer, answers: () => readonly string[]): { name: string; isA: boolean; message: Buffer } {
  const labels: string[] = [];
  let at = 12;
  for (let size = query[at] ?? 0; size > 0; size = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + size));
    at += size + 1;
  }
  const isA = query.readUInt16BE(at + 1) === 1;
  const given = isA ? answers() : [];
  const header = Buffer.from([...query.subarray(0, 2), 0x81, 0x80, 0, 1, 0, given.length, 0, 0, 0, 0]);
  const records = given.map((address) =>
    Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, ...address.split('.').map(Number)]),
  );
  return { name: labels.join('.'), isA, message: Buffer.concat([header, query.subarray(12, at + 5), ...records]) };
}

export async function nameServer(answers: () => readonly string[]): Promise<NameServer> {
  const asked: string[] = [];
  const socket = createSocket('udp4');
  socket.on('message', (query, from) => {
    const { name, isA, message } = reply(query, answers);
    if (isA) asked.push(name);
    socket.send(message, from.port, from.address);
  });
  await new Promise<void>((resolve) => {
    socket.bind(0, '127.0.0.1', resolve);
  });
  return {
    address: `127.0.0.1:${socket.address().port}`,
    asked,
    async [Symbol.asyncDispose]() {
      await new Promise<void>((resolve) => {
        socket.close(resolve);
      });
    },
  };
}
