import { Injectable } from '@nestjs/common';
import { JOB_CATALOG, JobProducer } from '@flowmate/queue';
import type { QueueResponse } from './queues.response.js';

const QUEUES = [...new Set(JOB_CATALOG.map(({ queue }) => queue))];

@Injectable()
export class QueuesService {
  constructor(private readonly producer: JobProducer) {}

  list(): Promise<QueueResponse[]> {
    return Promise.all(QUEUES.map(async (name) => ({ name, ...(await this.producer.count(name)) })));
  }
}
