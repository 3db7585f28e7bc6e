import { Module } from '@nestjs/common';
import { IdentityModule } from '../auth/identity.module.js';
import { StreamTicketsController } from './stream-tickets.controller.js';

@Module({
  imports: [IdentityModule],
  controllers: [StreamTicketsController],
})
export class StreamTicketsModule {}
