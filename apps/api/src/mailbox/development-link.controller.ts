import { Controller, Headers, Post, UseGuards } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { DevelopmentEnv, SignUpEnv } from '@flowmate/config';
import { isSame } from '@flowmate/crypto';
import { Public } from '../auth/access.decorator.js';
import { RouteNotFoundError } from '../http/http.errors.js';
import { SignInLinks } from '../sign-in/sign-in-links.js';
import { LocalHostGuard } from './local-host.guard.js';

/** Of a domain that is reserved for examples: a mail to it would go nowhere. */
const SOMEBODY = 'admin@flowmate.example';

/** The link that `npm start` prints. Whoever asks shows the secret that it made for this start. */
@ApiExcludeController()
@UseGuards(LocalHostGuard)
@Controller('dev/sign-in-link')
export class DevelopmentLinkController {
  constructor(
    private readonly links: SignInLinks,
    private readonly development: DevelopmentEnv,
    private readonly signUp: SignUpEnv,
  ) {}

  @Post()
  @Public()
  async make(@Headers('authorization') authorization = ''): Promise<{ url: string }> {
    const { linkSecret } = this.development;
    if (!linkSecret || !isSame(authorization, `Bearer ${linkSecret.reveal()}`)) throw new RouteNotFoundError();
    return { url: await this.links.makeUnbound(this.signUp.adminEmail ?? SOMEBODY) };
  }
}
