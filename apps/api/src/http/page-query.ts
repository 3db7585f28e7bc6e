import { ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsInt, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';
import { DomainError, ID_PATTERN } from '@flowmate/domain';

const MAX_LIMIT = 100;
const DEFAULT_LIMIT = 50;
/** Places are ids or numbers of ours; none is a quarter as long. */
const MAX_CURSOR_LENGTH = 200;
/** Told apart from what a later version may need. */
const VERSION = '1.';

/** How every list is asked for its pages. A list with filters extends it. */
export class PageQuery {
  @ApiPropertyOptional({
    type: 'integer',
    minimum: 1,
    maximum: MAX_LIMIT,
    default: DEFAULT_LIMIT,
    description: 'At most so many on a page.',
    example: DEFAULT_LIMIT,
  })
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(MAX_LIMIT)
  limit = DEFAULT_LIMIT;

  @ApiPropertyOptional({
    description: '`nextCursor` of the page before. It is opaque: it comes from an answer or is left out.',
    example: 'MS4xMjM',
  })
  @IsOptional()
  @IsString()
  @MaxLength(MAX_CURSOR_LENGTH)
  cursor?: string;
}

/** The cursor is none that this list has ever given out. */
export class CursorInvalidError extends DomainError {
  readonly kind = 'invalid';
  readonly code = 'cursor_invalid';

  constructor() {
    super('The cursor is not one of this list. Begin without one.');
  }
}

/** Where the next page begins, as clients carry it. It opens nothing: a list looks only where its caller may. */
export function cursorAt(place: string | number | undefined): string | null {
  return place === undefined ? null : Buffer.from(`${VERSION}${place}`).toString('base64url');
}

/** The place that a cursor names, of the shape that places of this list have. */
export function placeOf(cursor: string | undefined, shape: RegExp): string | undefined {
  if (cursor === undefined) return undefined;
  const text = Buffer.from(cursor, 'base64url').toString();
  const place = text.slice(VERSION.length);
  // There is one text for each place, so what was put together by hand shows.
  if (cursorAt(place) !== cursor || !text.startsWith(VERSION) || !shape.test(place)) throw new CursorInvalidError();
  return place;
}

/** For lists in the order of their ids: a page begins after the last id of the one before. */
export function idOf({ cursor }: PageQuery): string | undefined {
  return placeOf(cursor, ID_PATTERN);
}

/** The cursor of the page after this one, when there can be one. */
export function nextCursor(items: ReadonlyArray<{ readonly id: string }>, { limit }: PageQuery): string | null {
  return cursorAt(items.length === limit ? items.at(-1)?.id : undefined);
}
