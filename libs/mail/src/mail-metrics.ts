import type { CountingMetric, Metrics } from '@flowmate/observability';

export class MailMetrics {
  private readonly mails: CountingMetric;
  private lateMs = 0;

  constructor(metrics: Metrics) {
    this.mails = metrics.counter({
      name: 'flowmate_mails_total',
      help: 'Tries to send a mail, by what became of it.',
      labels: ['kind', 'outcome'],
    });
    metrics.gauge(
      'flowmate_mail_oldest_waiting_seconds',
      'How long the oldest mail that did not go out yet has been waiting.',
      () => this.lateMs / 1_000,
    );
  }

  ended(kind: string, outcome: 'sent' | 'retried' | 'failed' | 'dropped'): void {
    this.mails.inc([kind, outcome]);
  }

  oldest(lateMs: number): void {
    this.lateMs = Math.max(0, lateMs);
  }
}
