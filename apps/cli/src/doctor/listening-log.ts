import { createLogger, type Logger } from '@flowmate/observability';

/** A log that nobody reads, but for the reason why a store is not there. */
export class ListeningLog {
  readonly logger: Logger;
  private last: string | undefined;

  constructor() {
    this.logger = createLogger({
      level: 'warn',
      format: 'json',
      service: 'flowmate-cli',
      environment: '',
      destination: { write: (line) => this.hear(line) },
    });
  }

  get reason(): string | undefined {
    return this.last;
  }

  private hear(line: string): void {
    const { reason } = JSON.parse(line) as { reason?: unknown };
    if (typeof reason === 'string') this.last = reason;
  }
}
