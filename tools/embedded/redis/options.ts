import { parseArgs } from 'node:util';

export interface RedisOptions {
  readonly folder: string;
  readonly port: number;
  readonly snapshotMs: number;
}

/** What a crash may lose: short enough for queues that can be made again, long enough to cost nothing. */
const SNAPSHOT_SECONDS = 30;
const MAX_PORT = 65_535;

export function readOptions(args: readonly string[]): RedisOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      data: { type: 'string' },
      port: { type: 'string', default: '0' },
      'snapshot-seconds': { type: 'string', default: `${SNAPSHOT_SECONDS}` },
    },
  });
  const port = Number(values.port);
  const snapshotSeconds = Number(values['snapshot-seconds']);
  if (!values.data) throw new Error('--data <folder> is missing.');
  if (!Number.isInteger(port) || port < 0 || port > MAX_PORT) throw new Error(`--port is no port: ${values.port}`);
  if (!(snapshotSeconds > 0)) throw new Error('--snapshot-seconds must be a number above 0.');
  return { folder: values.data, port, snapshotMs: snapshotSeconds * 1_000 };
}
