import { Module } from '@nestjs/common';
import { IdentityModule } from '../auth/identity.module.js';
import { ApiKeysController } from './api-keys.controller.js';

@Module({
  imports: [IdentityModule],
  controllers: [ApiKeysController],
})
export class ApiKeysModule {}
