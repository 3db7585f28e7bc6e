import { ApiProperty } from '@nestjs/swagger';

export class LinkRequestedResponse {
  @ApiProperty({
    example: 'q3V0b2tlbnMgYXJlIG5ldmVyIHNob3duIGhlcmU0c2V',
    description: 'A secret of the caller: shows, without a cookie, that who follows the link is who asked.',
  })
  requestId: string;

  @ApiProperty({ example: '204816', description: 'Shown to who asked, to be typed where the link is opened.' })
  code: string;

  @ApiProperty({ example: 600, description: 'Seconds for which a link is good.' })
  expiresIn: number;
}
