import { Readable } from 'node:stream';
import { StreamableFile } from '@nestjs/common';
import type { ExportedRecord } from '@flowmate/identity';

export const NDJSON = 'application/x-ndjson';

const lineOf = (record: ExportedRecord): string => `${JSON.stringify(record)}\n`;

/** One line for each record, written as it is read. */
async function* lines(
  first: IteratorResult<ExportedRecord, void>,
  rest: AsyncGenerator<ExportedRecord>,
): AsyncGenerator<string> {
  if (first.done) return;
  yield lineOf(first.value);
  for await (const record of rest) yield lineOf(record);
}

/**
 * The first record is read before there is an answer: what fails by then is no file. A failure on the way cuts the file
 * short, so that nobody takes half of it for the whole.
 */
export async function exportFile(name: string, records: AsyncGenerator<ExportedRecord>): Promise<StreamableFile> {
  const first = await records.next();
  return new StreamableFile(Readable.from(lines(first, records), { objectMode: false }), {
    type: NDJSON,
    disposition: `attachment; filename="${name}.ndjson"`,
  });
}
