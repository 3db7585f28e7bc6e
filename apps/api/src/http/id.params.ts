import { ApiProperty } from '@nestjs/swagger';
import { Matches } from 'class-validator';
import { ID_PATTERN } from '@flowmate/domain';

/** The id in a path. Anything else than an id of ours is refused before it is looked for. */
export class IdParams {
  @ApiProperty({ example: '65f0c0ffee0123456789abcd' })
  @Matches(ID_PATTERN, { message: 'must be an id of 24 hex digits' })
  id: string;
}
