import { Module, type OnModuleDestroy } from '@nestjs/common';
import { Channels, RunBells } from '@flowmate/realtime';
import { Redis } from '@flowmate/redis';
import { RunStreams } from './run-streams.service.js';
import { RunWatcher } from './run-watcher.js';
import { StreamSeats } from './stream-seats.js';
import { StreamsController } from './streams.controller.js';

@Module({
  controllers: [StreamsController],
  providers: [
    RunStreams,
    RunWatcher,
    StreamSeats,
    { provide: Channels, inject: [Redis], useFactory: (redis: Redis) => new Channels(redis) },
    { provide: RunBells, inject: [Channels], useFactory: (channels: Channels) => new RunBells(channels) },
  ],
  exports: [RunWatcher],
})
export class StreamsModule implements OnModuleDestroy {
  constructor(private readonly channels: Channels) {}

  onModuleDestroy(): void {
    this.channels.close();
  }
}
