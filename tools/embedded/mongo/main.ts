import { parseArgs } from 'node:util';
import { ClusterClock } from './commands/clock.ts';
import type { Services } from './commands/call.ts';
import { Cursors } from './commands/cursors.ts';
import { createService } from './commands/dispatch.ts';
import { credentialOf } from './server/scram.ts';
import { HOST, WireServer } from './server/server.ts';
import { fsck, openStore, type ScanReport } from './storage/index.ts';

const USER = 'flowmate';
const USAGE =
  'node main.ts --data <folder> --port <n|0> [--fsck] [--warn-scans], the password in FLOWMATE_EMBEDDED_PASSWORD';

interface Options {
  readonly data: string;
  readonly port: number;
  readonly warnsOfScans: boolean;
}

function log(level: 'info' | 'warn' | 'error', message: string, details: object = {}): void {
  process.stderr.write(`${JSON.stringify({ level, message, ...details })}\n`);
}

class UsageError extends Error {}

function options(): Options & { readonly fsck: boolean } {
  const { values } = parseArgs({
    options: {
      data: { type: 'string' },
      port: { type: 'string', default: '0' },
      host: { type: 'string', default: HOST },
      fsck: { type: 'boolean', default: false },
      'warn-scans': { type: 'boolean', default: false },
    },
  });
  if (values.data === undefined) throw new UsageError(USAGE);
  if (values.host !== HOST) throw new UsageError(`the embedded MongoDB listens on ${HOST} only, not on ${values.host}`);
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new UsageError(`not a port: ${values.port}`);
  return { data: values.data, port, fsck: values.fsck, warnsOfScans: values['warn-scans'] };
}

function password(): string {
  const given = process.env['FLOWMATE_EMBEDDED_PASSWORD'] ?? '';
  delete process.env['FLOWMATE_EMBEDDED_PASSWORD'];
  // Other characters would need SASLprep, and the password is generated.
  if (!/^[\x21-\x7e]+$/.test(given))
    throw new UsageError('FLOWMATE_EMBEDDED_PASSWORD must be set, in printable ASCII without spaces');
  return given;
}

const warnOfScan = (report: ScanReport): void => log('warn', 'a query found no index that helps', report);

async function serve({ data, port, warnsOfScans }: Options): Promise<void> {
  const credential = credentialOf(USER, password());
  const store = openStore({ folder: data, ...(warnsOfScans ? { onScan: warnOfScan } : {}) });
  const cursors = new Cursors();
  let listening = port;
  let stopping: Promise<void> | undefined;
  const services: Services = {
    store,
    cursors,
    clock: new ClusterClock(),
    credential,
    connections: () => ({ open: server.open, total: server.total }),
    port: () => listening,
    startedAt: Date.now(),
    stopping: () => stopping !== undefined,
  };
  const server = new WireServer(createService(services));
  const stop = (): void => {
    stopping ??= (async () => {
      await server.stop();
      cursors.close();
      await store.close();
      process.exit(0);
    })();
    stopping.catch(fail);
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  // Only there when a parent started this with a channel: without the parent nobody needs the server.
  process.on('disconnect', stop);
  try {
    listening = await server.listen(port);
  } catch (error) {
    await store.close();
    throw error;
  }
  process.stdout.write(`${JSON.stringify({ listening: { port: listening, pid: process.pid } })}\n`);
}

function fail(error: unknown): never {
  const taken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
  const message = error instanceof Error ? error.message : String(error);
  log('error', taken ? `the port is already in use: ${message}` : message);
  process.exit(1);
}

/** Findings as JSON on stdout; 1 when there are any. */
function check(folder: string): void {
  const findings = fsck(folder);
  process.stdout.write(`${JSON.stringify({ findings })}\n`);
  process.exitCode = findings.length > 0 ? 1 : 0;
}

async function main(): Promise<void> {
  const asked = options();
  if (asked.fsck) check(asked.data);
  else await serve(asked);
}

main().catch(fail);
