import { Module } from '@nestjs/common';
import { RunPublisher } from '@flowmate/realtime';
import { Redis } from '@flowmate/redis';
import { StreamsModule } from '../streams/streams.module.js';
import { RunBell } from './run-bell.js';
import { RunDecisions } from './run-decisions.js';
import { RunIntake } from './run-intake.js';
import { RunLoad } from './run-load.js';
import { RunStarter } from './run-starter.js';
import { RunWaiter } from './run-waiter.js';
import { RunsController } from './runs.controller.js';
import { RunsService } from './runs.service.js';
import { StartRunController } from './start-run.controller.js';
import { StartedAnswers } from './started-answer.js';

@Module({
  imports: [StreamsModule],
  controllers: [StartRunController, RunsController],
  providers: [
    RunBell,
    RunDecisions,
    RunIntake,
    RunLoad,
    RunsService,
    RunStarter,
    RunWaiter,
    StartedAnswers,
    { provide: RunPublisher, inject: [Redis], useFactory: (redis: Redis) => new RunPublisher(redis) },
  ],
  exports: [RunDecisions],
})
export class RunsModule {}
