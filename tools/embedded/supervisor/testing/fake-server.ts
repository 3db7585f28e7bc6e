import { createServer, type AddressInfo } from 'node:net';
import { parseArgs } from 'node:util';

/**
 * Stands in for a server of ours, with the same command line and ready line. `--behaviour`: `echo`
 * answers everything, `silent` accepts and never answers, `ending` stops right after it was ready,
 * `refusing` does not start at all.
 */
const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    port: { type: 'string', default: '0' },
    behaviour: { type: 'string', default: 'echo' },
  },
});

if (values.behaviour === 'refusing') {
  process.stderr.write('{"level":"error","message":"this port is taken"}\n');
  process.exit(1);
}
const server = createServer((socket) => {
  socket.on('error', () => undefined); // probes hang up as they like
  if (values.behaviour === 'echo') socket.pipe(socket);
});
server.listen(Number(values.port), '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo; // it listens on TCP
  process.stdout.write(`${JSON.stringify({ listening: { port, pid: process.pid } })}\n`);
  if (values.behaviour !== 'ending') return;
  process.stderr.write('{"level":"error","message":"something inside broke"}\n');
  process.exit(7);
});
process.once('disconnect', () => process.exit(0));
