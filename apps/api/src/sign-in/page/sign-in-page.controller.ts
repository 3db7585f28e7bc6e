import { Controller, Get, Header } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { OidcEnv } from '@flowmate/config';
import { Public } from '../../auth/access.decorator.js';
import { pagePolicy } from '../../http/page-policy.js';
import { SIGN_IN_CSS } from './sign-in.css.js';
import { signInHtml } from './sign-in.html.js';
import { SIGN_IN_SCRIPT } from './sign-in.script.js';

/** Its own script and style, its own api, nothing inline, nothing from elsewhere. */
const POLICY = pagePolicy({ script: true, connect: true });

/** The page that links in mails open: it confirms with one button, so that reading a mail signs nobody in. */
@ApiExcludeController()
@Controller('sign-in')
export class SignInPageController {
  private readonly html: string;

  constructor(oidc: OidcEnv) {
    this.html = signInHtml({ hasProvider: oidc.issuerUrl !== undefined });
  }

  @Get()
  @Public()
  @Header('content-type', 'text/html; charset=utf-8')
  @Header('content-security-policy', POLICY)
  page(): string {
    return this.html;
  }

  @Get('page.js')
  @Public()
  @Header('content-type', 'text/javascript; charset=utf-8')
  script(): string {
    return SIGN_IN_SCRIPT;
  }

  @Get('style.css')
  @Public()
  @Header('content-type', 'text/css; charset=utf-8')
  style(): string {
    return SIGN_IN_CSS;
  }
}
