import { Injectable } from '@nestjs/common';
import { VERSION } from '@flowmate/domain';

export interface AboutProcess {
  readonly service: string;
  readonly version: string;
  readonly uptimeSeconds: number;
}

/** What this process says of itself wherever it is asked. */
@Injectable()
export class About {
  readonly service = 'flowmate-api';
  readonly version = VERSION;

  now(): AboutProcess {
    return { service: this.service, version: this.version, uptimeSeconds: Math.floor(process.uptime()) };
  }
}
