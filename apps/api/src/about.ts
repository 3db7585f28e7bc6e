import { Injectable } from '@nestjs/common';
import { VERSION } from '@flowmate/domain';

export interface AboutProcess {
  readonly service: string;
  readonly version: string;
  readonly uptimeSeconds: number;
}

/** The process's name in logs, traces, metrics and health. */
export const SERVICE = 'flowmate-api';

/** What this process says of itself wherever it is asked. */
@Injectable()
export class About {
  readonly service = SERVICE;
  readonly version = VERSION;

  now(): AboutProcess {
    return { service: this.service, version: this.version, uptimeSeconds: Math.floor(process.uptime()) };
  }
}
