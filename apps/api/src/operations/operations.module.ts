import { Module } from '@nestjs/common';
import { Profiler } from '@flowmate/observability';
import { OperationsController } from './operations.controller.js';
import { QueuesController } from './queues.controller.js';
import { QueuesService } from './queues.service.js';

@Module({ controllers: [OperationsController, QueuesController], providers: [Profiler, QueuesService] })
export class OperationsModule {}
