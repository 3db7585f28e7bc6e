import { Module } from '@nestjs/common';
import { Profiler } from '@flowmate/observability';
import { OperationsController } from './operations.controller.js';

@Module({ controllers: [OperationsController], providers: [Profiler] })
export class OperationsModule {}
