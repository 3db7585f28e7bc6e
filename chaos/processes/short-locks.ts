import { JobConsumers } from '@flowmate/queue';

/** `lockMs:stalledMs` of the bells, which production does not let anybody set. */
export function shortenLocks(setting: string): void {
  const [lockMs, stalledMs] = setting.split(':').map(Number);
  const { start } = JobConsumers.prototype;
  JobConsumers.prototype.start = function (this: JobConsumers): Promise<void> {
    const { parts } = this as unknown as { parts: { timings?: object } }; // its own settings, before it reads them
    parts.timings = { lockMs, stalledMs };
    return start.call(this);
  };
}
