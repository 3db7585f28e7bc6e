import { ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsInt, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';
import { DomainError, ID_PATTERN } from '@flowmate/domain';

/** A page that is longer than this nobody reads, and a client asks for the next one. */
const MAX_LIMIT = 100;
const DEFAULT_LIMIT = 50;
/** Ours are shorter. */
const MAX_CURSOR_LENGTH = 200;

/** What every list takes. */
export class PageQuery {
  @ApiPropertyOptional({ example: 50, minimum: 1, maximum: MAX_LIMIT, default: DEFAULT_LIMIT })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(MAX_LIMIT)
  limit: number = DEFAULT_LIMIT;

  @ApiPropertyOptional({
    example: '65f0c0ffee0123456789abcd',
    description: 'The `nextCursor` of the page before. Means nothing by itself.',
  })
  @IsOptional()
  @IsString()
  @MaxLength(MAX_CURSOR_LENGTH)
  cursor?: string;
}

/** No list of ours gave this out. */
export class CursorInvalidError extends DomainError {
  readonly kind = 'invalid';
  readonly code = 'cursor_invalid';

  constructor() {
    super('The cursor is not one of this list. Start again without one.');
  }
}

/** For lists in the order of their ids: the cursor is the last id of the page before. */
export function idCursor({ cursor }: PageQuery): string | undefined {
  if (cursor !== undefined && !ID_PATTERN.test(cursor)) throw new CursorInvalidError();
  return cursor;
}

/** The cursor of the page after this one, when there can be one. */
export function nextCursor(items: ReadonlyArray<{ readonly id: string }>, limit: number): string | null {
  return items.length === limit ? (items.at(-1)?.id ?? null) : null;
}
