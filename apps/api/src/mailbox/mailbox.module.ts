import { Module, type DynamicModule } from '@nestjs/common';
import { AppEnv, DevelopmentEnv, type Environment } from '@flowmate/config';
import { AgentsModule } from '../agents/agents.module.js';
import { IdentityModule } from '../auth/identity.module.js';
import { SignInModule } from '../sign-in/sign-in.module.js';
import { Demonstration } from './demonstration.service.js';
import { DevelopmentLinkController } from './development-link.controller.js';
import { LocalHostGuard } from './local-host.guard.js';
import { MailboxController } from './mailbox.controller.js';
import { Mailbox } from './mailbox.service.js';

/** What only development has. Elsewhere its addresses do not exist. */
@Module({})
export class MailboxModule {
  static for(env: Environment): DynamicModule {
    const app = env.get(AppEnv);
    const { mailbox, linkSecret } = env.get(DevelopmentEnv);
    const hasMailbox = !app.isProduction && (mailbox ?? app.nodeEnv === 'development');
    const hasLink = !app.isProduction && linkSecret !== undefined;
    return {
      module: MailboxModule,
      imports: [SignInModule, IdentityModule, AgentsModule],
      controllers: [...(hasMailbox ? [MailboxController] : []), ...(hasLink ? [DevelopmentLinkController] : [])],
      providers: [Demonstration, Mailbox, LocalHostGuard],
    };
  }
}
