import { Controller, Get, Header } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { Public } from '../../auth/access.decorator.js';
import { pagePolicy } from '../../http/page-policy.js';
import { INVITE_HTML } from './invite.html.js';
import { INVITE_SCRIPT } from './invite.script.js';

/** Its own script and style, its own api, nothing inline, nothing from elsewhere. */
const POLICY = pagePolicy({ script: true, connect: true });

/** The page that links in invitations open: it joins with one button, so that reading a mail joins nothing. */
@ApiExcludeController()
@Controller('invite')
export class InvitePageController {
  @Get()
  @Public()
  @Header('content-type', 'text/html; charset=utf-8')
  @Header('content-security-policy', POLICY)
  page(): string {
    return INVITE_HTML;
  }

  @Get('page.js')
  @Public()
  @Header('content-type', 'text/javascript; charset=utf-8')
  script(): string {
    return INVITE_SCRIPT;
  }
}
