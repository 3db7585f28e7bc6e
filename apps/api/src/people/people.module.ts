import { Module } from '@nestjs/common';
import { IdentityModule } from '../auth/identity.module.js';
import { PeopleController } from './people.controller.js';

@Module({
  imports: [IdentityModule],
  controllers: [PeopleController],
})
export class PeopleModule {}
