import { Readable } from 'node:stream';
import { StreamableFile } from '@nestjs/common';
import type { ExportedRecord } from '@flowmate/identity';

export const NDJSON = 'application/x-ndjson';

/** One line for each record, written as it is read. */
async function* lines(records: AsyncIterable<ExportedRecord>): AsyncGenerator<string> {
  for await (const record of records) yield `${JSON.stringify(record)}\n`;
}

/** A failure on the way cuts the file short, so that nobody takes half of it for the whole. */
export function exportFile(name: string, records: AsyncIterable<ExportedRecord>): StreamableFile {
  return new StreamableFile(Readable.from(lines(records), { objectMode: false }), {
    type: NDJSON,
    disposition: `attachment; filename="${name}.ndjson"`,
  });
}
