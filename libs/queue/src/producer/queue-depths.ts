import type { Metrics } from '@flowmate/observability';
import type { JobProducer } from './job-producer.js';

type Depth = readonly [labels: readonly [queue: string, state: string], jobs: number];

/** How full the queues are. Metrics show what was last read, so a scrape costs Redis nothing. */
export class QueueDepths {
  private depths: readonly Depth[] = [];

  constructor(
    private readonly producer: JobProducer,
    private readonly queues: readonly string[],
    metrics: Metrics,
  ) {
    metrics.gauges(
      { name: 'flowmate_queue_jobs', help: 'Jobs in a queue, read four times a minute.', labels: ['queue', 'state'] },
      () => this.depths,
    );
  }

  /** What cannot be read is not shown: an old figure would look like a queue that stands still. */
  async read(): Promise<void> {
    try {
      const all = this.queues.map(async (queue): Promise<Depth[]> => {
        const counts = await this.producer.count(queue);
        return Object.entries(counts).map(([state, jobs]) => [[queue, state], jobs]);
      });
      this.depths = (await Promise.all(all)).flat();
    } catch (error) {
      this.depths = [];
      throw error;
    }
  }
}
