import { ApiProperty } from '@nestjs/swagger';

export class QueueResponse {
  @ApiProperty({ description: 'The name of the queue.', example: 'agent-run-queue' })
  name: string;

  @ApiProperty({ type: 'integer', description: 'Jobs that no worker has taken yet.', example: 3 })
  waiting: number;

  @ApiProperty({ type: 'integer', description: 'Jobs that a worker is doing.', example: 12 })
  active: number;

  @ApiProperty({ type: 'integer', description: 'Jobs that are due later.', example: 0 })
  delayed: number;
}

export class QueueListResponse {
  @ApiProperty({ type: [QueueResponse] })
  queues: QueueResponse[];
}
