import { IsIn } from 'class-validator';
import { FromEnv } from '../setting.js';
import { IsHost } from '../validators.js';
import { text } from '../setting-kinds.js';

export const NODE_ENVS = ['development', 'test', 'production'] as const;

export class AppEnv {
  static readonly title = 'Application';

  @FromEnv('NODE_ENV', {
    kind: text,
    doc: 'What this instance is for. Production refuses what development only warns about.',
    default: 'development',
  })
  @IsIn(NODE_ENVS)
  nodeEnv: (typeof NODE_ENVS)[number];

  @FromEnv('API_VERSION', {
    kind: text,
    doc: 'Version of the HTTP API, part of every path. There is one.',
    default: 'v1',
  })
  @IsIn(['v1'])
  apiVersion: 'v1';

  @FromEnv('SERVER_HOST', {
    kind: text,
    doc: 'Address that the servers of both processes listen on.',
    default: (production) => (production ? '0.0.0.0' : '127.0.0.1'),
    defaultDoc: '127.0.0.1, in production 0.0.0.0',
  })
  @IsHost()
  host: string;

  get isProduction(): boolean {
    return this.nodeEnv === 'production';
  }
}
