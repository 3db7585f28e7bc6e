import { ApiProperty } from '@nestjs/swagger';
import { ENTRY_TYPES, RUN_STATUSES, type EntryType, type JournalEntry, type RunStatus } from '@flowmate/domain';

export class JournalEntryResponse {
  @ApiProperty({ example: 3, type: 'integer' })
  seq: number;

  @ApiProperty({ example: 'model.called', enum: ENTRY_TYPES })
  type: EntryType;

  @ApiProperty({
    example: 1_769_248_800_020,
    type: 'integer',
    format: 'int64',
    description: 'Milliseconds since 1970, by the clock of who wrote it; the same in the live stream.',
  })
  at: number;

  @ApiProperty({ example: 1, type: 'integer', description: 'How often a worker had taken the run up by then.' })
  epoch: number;

  @ApiProperty({
    example: { step: 1, model: 'gpt-4.1-mini', upTo: 2, omitted: [], isRepair: false, worstMicros: 9_000 },
    type: 'object',
    additionalProperties: true,
    description: 'What it says, by its type. Long texts are `{ ref, bytes }`: GET /runs/{id}/payloads/{ref}.',
  })
  data: Record<string, unknown>;

  static from({ seq, type, at, epoch, data }: JournalEntry): JournalEntryResponse {
    return { seq, type, at, epoch, data: { ...data } };
  }

  /** How long a text is, instead of the text. */
  static summaryOf(entry: JournalEntry): JournalEntryResponse {
    const whole = JournalEntryResponse.from(entry);
    return { ...whole, data: withoutTexts(whole.data) as Record<string, unknown> };
  }
}

export class JournalResponse {
  @ApiProperty({ type: [JournalEntryResponse], description: 'The oldest first.' })
  entries: JournalEntryResponse[];

  @ApiProperty({ example: 12, type: 'integer', description: 'How many entries there are in all.' })
  seq: number;

  @ApiProperty({ example: 'running', enum: RUN_STATUSES })
  status: RunStatus;
}

function withoutTexts(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutTexts);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  const [first] = entries;
  if (entries.length === 1 && first?.[0] === 'text') return { bytes: Buffer.byteLength(String(first[1])) };
  return Object.fromEntries(entries.map(([name, part]) => [name, withoutTexts(part)]));
}
