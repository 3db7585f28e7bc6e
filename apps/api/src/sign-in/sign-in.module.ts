import { Module } from '@nestjs/common';
import { IdentityModule } from '../auth/identity.module.js';
import { BrowserBinding } from './browser-binding.js';
import { SignInPageController } from './page/sign-in-page.controller.js';
import { SignInController } from './sign-in.controller.js';
import { SignInLinks } from './sign-in-links.js';
import { SignInService } from './sign-in.service.js';
import { SignInTrail } from './sign-in-trail.js';

@Module({
  imports: [IdentityModule],
  controllers: [SignInController, SignInPageController],
  providers: [BrowserBinding, SignInLinks, SignInService, SignInTrail],
  exports: [SignInLinks],
})
export class SignInModule {}
