import { Controller, Headers, Post, UseGuards } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { DevelopmentEnv, SignUpEnv } from '@flowmate/config';
import { isSame } from '@flowmate/crypto';
import { Public } from '../auth/access.decorator.js';
import { RouteNotFoundError } from '../http/http.errors.js';
import { SignInLinks } from '../sign-in/sign-in-links.js';
import { Demonstration, type DemonstrationAccess } from './demonstration.service.js';
import { LocalHostGuard } from './local-host.guard.js';

/** Of a domain that is reserved for examples: a mail to it would go nowhere. */
const SOMEBODY = 'admin@flowmate.example';

/** What `npm start` prints: a link to sign in with, and an agent to try. Whoever asks shows the secret of this start. */
@ApiExcludeController()
@UseGuards(LocalHostGuard)
@Controller('dev')
export class DevelopmentLinkController {
  constructor(
    private readonly links: SignInLinks,
    private readonly development: DevelopmentEnv,
    private readonly signUp: SignUpEnv,
    private readonly demonstration: Demonstration,
  ) {}

  @Post('sign-in-link')
  @Public()
  async make(@Headers('authorization') authorization = ''): Promise<{ url: string }> {
    this.check(authorization);
    return { url: await this.links.makeUnbound(this.person) };
  }

  @Post('demonstration')
  @Public()
  demonstrate(@Headers('authorization') authorization = ''): Promise<DemonstrationAccess> {
    this.check(authorization);
    return this.demonstration.prepare(this.person);
  }

  private get person(): string {
    return this.signUp.adminEmail ?? SOMEBODY;
  }

  private check(authorization: string): void {
    const { linkSecret } = this.development;
    if (!linkSecret || !isSame(authorization, `Bearer ${linkSecret.reveal()}`)) throw new RouteNotFoundError();
  }
}
