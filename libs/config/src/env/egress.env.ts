import { FromEnv } from '../setting.js';
import { list } from '../setting-kinds.js';
import { IsOrigin } from '../validators.js';

export class EgressEnv {
  static readonly title = 'Outgoing connections';

  static rules(env: EgressEnv, production: boolean): Array<{ name: string; rule: string }> {
    return production && env.allow.length > 0 ? [{ name: 'EGRESS_ALLOW', rule: 'must not be set in production' }] : [];
  }

  @FromEnv('EGRESS_ALLOW', {
    kind: list,
    doc: 'Origins on this machine or network that development and tests may reach, comma-separated and exact. Production refuses it.',
    default: [],
    example: 'http://127.0.0.1:8025',
  })
  @IsOrigin({ each: true })
  allow: readonly string[];
}
