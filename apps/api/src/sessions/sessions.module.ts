import { Module } from '@nestjs/common';
import { IdentityModule } from '../auth/identity.module.js';
import { OwnSessions } from './own-sessions.service.js';
import { SessionsController } from './sessions.controller.js';

@Module({
  imports: [IdentityModule],
  controllers: [SessionsController],
  providers: [OwnSessions],
})
export class SessionsModule {}
